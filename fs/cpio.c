/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/cpio.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#include "fs/stat.h"

#define HEADER_BYTES 110
#define MAGIC_BYTES  6
#define FIELD_BYTES  8
#define LINK_MAX     4095

/* Header fields in file order, eight hexadecimal digits each. */
enum field {
	INO,
	MODE,
	UID,
	GID,
	NLINK,
	MTIME,
	FILE_SIZE,
	DEV_MAJOR,
	DEV_MINOR,
	RDEV_MAJOR,
	RDEV_MINOR,
	NAME_SIZE,
	CHECK,
	FIELD_COUNT,
};

static_assert(MAGIC_BYTES + FIELD_COUNT * FIELD_BYTES == HEADER_BYTES, "newc header");

void cpio_begin(struct cpio *cpio, const void *data, size_t size)
{
	*cpio = (struct cpio){.data = data, .size = size};
}

static enum err refuse(struct cpio *cpio, const char *reason)
{
	cpio->reason = reason;
	return ERR_INVAL;
}

static bool read_hex(const uint8_t *at, uint32_t *value)
{
	uint32_t result = 0;

	for (unsigned i = 0; i < FIELD_BYTES; i++) {
		uint8_t c = at[i];
		uint32_t digit;

		if (c >= '0' && c <= '9')
			digit = (uint32_t)c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (uint32_t)(c | 0x20) - 'a' + 10;
		else
			return false;
		result = result << 4 | digit;
	}
	*value = result;
	return true;
}

/* The format pads to 4 bytes counted from the archive's first byte. */
static size_t pad_at(const struct cpio *cpio, size_t at)
{
	return (cpio->start - at) & 3;
}

/* Between archives: zero bytes, then a header or the end. */
static bool find_archive(struct cpio *cpio)
{
	while (cpio->at < cpio->size && cpio->data[cpio->at] == 0)
		cpio->at++;
	cpio->start = cpio->at;
	return cpio->at < cpio->size;
}

static const char *read_header(const struct cpio *cpio, uint32_t field[FIELD_COUNT])
{
	const uint8_t *header = cpio->data + cpio->at;

	if (!range_within(cpio->at, MAGIC_BYTES, cpio->size))
		return "archive ends inside a header";
	if (memcmp(header, "070701", MAGIC_BYTES) != 0 &&
	    memcmp(header, "070702", MAGIC_BYTES) != 0)
		return cpio->inside ? "header without the newc magic" : "not a newc cpio archive";
	if (!range_within(cpio->at, HEADER_BYTES, cpio->size))
		return "archive ends inside a header";
	for (unsigned i = 0; i < FIELD_COUNT; i++) {
		if (!read_hex(header + MAGIC_BYTES + (size_t)i * FIELD_BYTES, &field[i]))
			return "header field is not a hexadecimal number";
	}
	return NULL;
}

static const char *check_components(const char *name, size_t len)
{
	for (;;) {
		const char *slash = memchr(name, '/', len);
		size_t here = slash != NULL ? (size_t)(slash - name) : len;

		if (here == 2 && name[0] == '.' && name[1] == '.')
			return "name with a .. component";
		if (here > CPIO_COMPONENT_MAX)
			return "name with a component over 255 bytes";
		if (slash == NULL)
			return NULL;
		name += here + 1;
		len -= here + 1;
	}
}

/* Both ends of a name, which has its NUL, are made plain: all names are relative to the root. */
static void strip_name(struct cpio_entry *entry)
{
	for (;;) {
		if (entry->name[0] == '/') {
			entry->name++;
			entry->name_len--;
		} else if (entry->name[0] == '.' && entry->name[1] == '/') {
			entry->name += 2;
			entry->name_len -= 2;
		} else {
			break;
		}
	}
	while (entry->name_len > 0 && entry->name[entry->name_len - 1] == '/')
		entry->name_len--;
	if (entry->name_len == 1 && entry->name[0] == '.')
		entry->name_len = 0;
}

static const char *read_name(struct cpio *cpio, uint32_t size, struct cpio_entry *entry)
{
	if (size < 2 || size > CPIO_NAME_MAX)
		return "name size out of range";
	if (!range_within(cpio->at, size, cpio->size))
		return "archive ends inside a name";
	entry->name = (const char *)cpio->data + cpio->at;
	entry->name_len = size - 1;
	if (memchr(entry->name, 0, size) != entry->name + entry->name_len)
		return "name not ended by its only NUL";
	cpio->at += size;
	return NULL;
}

static const char *read_data(struct cpio *cpio, uint32_t size, struct cpio_entry *entry)
{
	/* Padding may be missing at the very end of the image, data may not. */
	cpio->at += MIN(pad_at(cpio, cpio->at), cpio->size - cpio->at);
	if (!range_within(cpio->at, size, cpio->size))
		return "archive ends inside a file's data";
	entry->data = cpio->data + cpio->at;
	entry->size = size;
	cpio->at += size;
	cpio->at += MIN(pad_at(cpio, cpio->at), cpio->size - cpio->at);
	return NULL;
}

static bool type_is_known(uint32_t mode)
{
	switch (mode & ~S_IALLUGO) {
	case S_IFIFO:
	case S_IFCHR:
	case S_IFDIR:
	case S_IFBLK:
	case S_IFREG:
	case S_IFLNK:
	case S_IFSOCK:
		return true;
	default:
		return false;
	}
}

static const char *check_entry(const struct cpio_entry *entry)
{
	bool is_link = S_ISLNK(entry->mode);

	if (!type_is_known(entry->mode))
		return "unknown file type";
	if (!S_ISREG(entry->mode) && !is_link && entry->size != 0)
		return "data in an entry that is no file";
	if (is_link && (entry->size == 0 || entry->size > LINK_MAX))
		return "symbolic link target size out of range";
	if (is_link && memchr(entry->data, 0, entry->size) != NULL)
		return "symbolic link target with a NUL";
	if (!S_ISDIR(entry->mode) && entry->name_len == 0)
		return "root entry that is no directory";
	return check_components(entry->name, entry->name_len);
}

/* Read one header with its name and data; the trailer has none of an entry's promises. */
static const char *read_entry(struct cpio *cpio, struct cpio_entry *entry)
{
	uint32_t field[FIELD_COUNT];
	const char *reason = read_header(cpio, field);

	if (reason != NULL)
		return reason;
	*entry = (struct cpio_entry){
		.ino = field[INO],
		.mode = field[MODE],
		.uid = field[UID],
		.gid = field[GID],
		.nlink = field[NLINK],
		.mtime = field[MTIME],
		.dev_major = field[DEV_MAJOR],
		.dev_minor = field[DEV_MINOR],
		.rdev_major = field[RDEV_MAJOR],
		.rdev_minor = field[RDEV_MINOR],
	};
	cpio->at += HEADER_BYTES;
	reason = read_name(cpio, field[NAME_SIZE], entry);
	if (reason == NULL)
		reason = read_data(cpio, field[FILE_SIZE], entry);
	return reason;
}

static bool is_trailer(const struct cpio_entry *entry)
{
	return strcmp(entry->name, "TRAILER!!!") == 0;
}

enum err cpio_next(struct cpio *cpio, struct cpio_entry *entry)
{
	struct cpio_entry here;
	const char *reason;

	if (cpio->reason != NULL)
		return ERR_INVAL;
	for (;;) {
		if (!cpio->inside && !find_archive(cpio))
			return ERR_NOENT;
		if (cpio->inside && cpio->at == cpio->size)
			return refuse(cpio, "archive ends without a trailer");
		reason = read_entry(cpio, &here);
		if (reason != NULL)
			return refuse(cpio, reason);
		if (!is_trailer(&here))
			break;
		cpio->inside = false;
	}
	cpio->inside = true;
	strip_name(&here);
	reason = check_entry(&here);
	if (reason != NULL)
		return refuse(cpio, reason);
	*entry = here;
	return OK;
}
