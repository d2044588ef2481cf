/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/tmpfs/options.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "fs/stat.h"
#include "mm/addr.h"

/* One value: text that ends at a comma or at the end. */
struct value {
	const char *at, *end;
};

static bool read_number(struct value *value, uint64_t base, uint64_t *out)
{
	const char *start = value->at;
	uint64_t number = 0;

	for (; value->at < value->end; value->at++) {
		uint64_t digit = (uint64_t)(uint8_t)*value->at - '0';

		if (digit >= base)
			break;
		if (mul_overflows(number, base, &number) || add_overflows(number, digit, &number))
			return false;
	}
	*out = number;
	return value->at > start;
}

/* A letter behind the number: a power of 1024. */
static bool read_scaled(struct value *value, uint64_t *out)
{
	static const char letters[] = "kmgtpe";
	uint64_t number;
	const char *found;

	if (!read_number(value, 10, &number))
		return false;
	found = value->at < value->end ? memchr(letters, *value->at | 0x20, sizeof(letters)) : NULL;
	if (found) {
		value->at++;
		if (mul_overflows(number, 1ull << (10 * (found - letters + 1)), &number))
			return false;
	}
	*out = number;
	return true;
}

static bool read_size(struct value *value, uint64_t page_count, uint64_t *pages)
{
	uint64_t number;

	if (!read_scaled(value, &number))
		return false;
	if (value->at < value->end && *value->at == '%') {
		value->at++;
		*pages = mul_overflows(number, page_count, &number) ? UINT64_MAX : number / 100;
		return true;
	}
	*pages = number / PAGE_SIZE + (number % PAGE_SIZE != 0);
	return true;
}

static bool read_id(struct value *value, uint32_t *out)
{
	uint64_t number;

	if (!read_number(value, 10, &number) || number >= UINT32_MAX)
		return false;
	*out = (uint32_t)number;
	return true;
}

static bool read_mode(struct value *value, uint32_t *out)
{
	uint64_t number;

	if (!read_number(value, 8, &number) || number > UINT32_MAX)
		return false;
	*out = (uint32_t)number & S_IALLUGO;
	return true;
}

static bool is_key(const char *text, size_t len, const char *key)
{
	return strlen(key) == len && !memcmp(text, key, len);
}

static bool set_option(const char *key, size_t len, struct value *value, uint64_t page_count,
		       struct tmpfs_options *options)
{
	if (is_key(key, len, "size"))
		return read_size(value, page_count, &options->page_limit);
	if (is_key(key, len, "nr_blocks"))
		return read_scaled(value, &options->page_limit);
	if (is_key(key, len, "nr_inodes"))
		return read_scaled(value, &options->inode_limit);
	if (is_key(key, len, "mode"))
		return read_mode(value, &options->mode);
	if (is_key(key, len, "uid"))
		return read_id(value, &options->uid);
	if (is_key(key, len, "gid"))
		return read_id(value, &options->gid);
	return false;
}

static const char *find(const char *from, const char *end, char what)
{
	const char *found = memchr(from, what, (size_t)(end - from));

	return found ? found : end;
}

enum err tmpfs_parse_options(const char *text, uint64_t page_count, struct tmpfs_options *options)
{
	const char *end = text + strlen(text);

	while (text < end) {
		const char *stop = find(text, end, ',');
		const char *equals = find(text, stop, '=');
		struct value value = {equals < stop ? equals + 1 : stop, stop};

		if (stop != text &&
		    (!set_option(text, (size_t)(equals - text), &value, page_count, options) ||
		     value.at != value.end))
			return ERR_INVAL;
		text = stop < end ? stop + 1 : end;
	}
	/* As on Linux 0 says: without limit. */
	if (!options->page_limit)
		options->page_limit = UINT64_MAX;
	if (!options->inode_limit)
		options->inode_limit = UINT64_MAX;
	return OK;
}
