/* SPDX-License-Identifier: BSD-2-Clause */
/* The few files of /sys that C libraries and programs read: texts made when they are read. */
#include "fs/sysfs.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/names.h"
#include "fs/root.h"
#include "kernel/core/log.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/mitigate.h"
#include "mm/cpu_hotplug.h"
#include "mm/slab.h"

#define TEXT_BYTES 256u /* of 64 CPUs, every other one */
#define WORD_BYTES 16u

/* A file's operations and what it speaks of. */
struct attribute {
	struct file_ops ops;
	size_t (*show)(const struct attribute *attribute, char *text);
	enum err (*store)(const struct attribute *attribute, const char *word);
	unsigned number; /* of the CPU, or of the bug */
};
static_assert(offsetof(struct attribute, ops) == 0, "attribute_of");

static uint64_t cpus_present;

static const struct attribute *attribute_of(const struct file *file)
{
	return (const struct attribute *)(const void *)file->ops;
}

static int64_t sys_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	const struct attribute *attribute = attribute_of(file);
	char text[TEXT_BYTES];
	size_t len = attribute->show(attribute, text), done, want;

	if (*pos >= len)
		return 0;
	want = MIN(len - *pos, io_iter_left(iter));
	done = io_iter_write(iter, text + *pos, want);
	*pos += done;
	return done || !want ? (int64_t)done : ERR_FAULT;
}

/* One write is one word, with or without a newline. */
static int64_t sys_write(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	const struct attribute *attribute = attribute_of(file);
	size_t len = io_iter_left(iter);
	char word[WORD_BYTES];
	enum err err;

	if (!attribute->store)
		return ERR_IO;
	if (!len || len >= sizeof(word))
		return ERR_INVAL;
	if (io_iter_read(iter, word, len) != len)
		return ERR_FAULT;
	word[len - (word[len - 1] == '\n')] = '\0';
	err = attribute->store(attribute, word);
	if (err != OK)
		return err;
	*pos += len;
	return (int64_t)len;
}

/* "0,2-5" */
static size_t print_set(char *text, uint64_t set)
{
	size_t len = 0;

	while (set) {
		unsigned first = (unsigned)__builtin_ctzll(set);
		uint64_t above = ~(set >> first);
		unsigned count = above ? (unsigned)__builtin_ctzll(above) : 64 - first;

		len += format_text(text + len, TEXT_BYTES - len, len ? ",%u" : "%u", first);
		if (count > 1)
			len += format_text(text + len, TEXT_BYTES - len, "-%u", first + count - 1);
		set = first + count < 64 ? set & ~0ull << (first + count) : 0;
	}
	return len + format_text(text + len, TEXT_BYTES - len, "\n");
}

static size_t show_online(const struct attribute *attribute, char *text)
{
	(void)attribute;
	return print_set(text, READ_ONCE(cpus_online));
}

static size_t show_offline(const struct attribute *attribute, char *text)
{
	(void)attribute;
	return print_set(text, cpus_present & ~READ_ONCE(cpus_online));
}

static size_t show_present(const struct attribute *attribute, char *text)
{
	(void)attribute;
	return print_set(text, cpus_present);
}

static size_t show_state(const struct attribute *attribute, char *text)
{
	bool online = READ_ONCE(cpus_online) >> attribute->number & 1;

	return format_text(text, TEXT_BYTES, "%u\n", online);
}

static size_t show_bug(const struct attribute *attribute, char *text)
{
	return mitigate_report((enum bug)attribute->number, text, TEXT_BYTES);
}

static enum err store_state(const struct attribute *attribute, const char *word)
{
	if (strcmp(word, "1") == 0)
		return cpu_online(attribute->number);
	return strcmp(word, "0") == 0 ? cpu_offline(attribute->number) : ERR_INVAL;
}

/* @attribute stays. */
static enum err make_file(const char *name, struct attribute *attribute)
{
	struct path_at at = fs_root_at(name);
	struct file *file;
	enum err err = path_open(&at, O_CREAT | O_WRONLY, attribute->store ? 0644 : 0444, &file);

	if (err != OK)
		return err;
	attribute->ops.read = sys_read;
	attribute->ops.write = sys_write;
	file->inode->file_ops = &attribute->ops;
	file_put(file);
	return OK;
}

static enum err make_dir(const char *name)
{
	struct path_at at = fs_root_at(name);

	return path_mkdir(&at, 0555);
}

static enum err make_cpu(unsigned cpu)
{
	struct attribute *attribute = kzalloc(sizeof(*attribute));
	char name[64];
	size_t len = format_text(name, sizeof(name), "/sys/devices/system/cpu/cpu%u", cpu);
	enum err err;

	if (!attribute)
		return ERR_NOMEM;
	*attribute = (struct attribute){.show = show_state, .store = store_state, .number = cpu};
	err = make_dir(name);
	format_text(name + len, sizeof(name) - len, "/online");
	return err == OK ? make_file(name, attribute) : err;
}

static enum err make_bugs(void)
{
	static struct attribute bugs[BUG_COUNT];
	enum err err = OK;
	char name[80];

	for (unsigned bug = 0; bug < BUG_COUNT && err == OK; bug++) {
		bugs[bug] = (struct attribute){.show = show_bug, .number = bug};
		format_text(name, sizeof(name), "/sys/devices/system/cpu/vulnerabilities/%s",
			    mitigate_file((enum bug)bug));
		err = make_file(name, &bugs[bug]);
	}
	return err;
}

static enum err make_all(void)
{
	static const char *const dirs[] = {"/sys", "/sys/devices", "/sys/devices/system",
					   "/sys/devices/system/cpu",
					   "/sys/devices/system/cpu/vulnerabilities"};
	static struct {
		const char *name;
		struct attribute attribute;
	} files[] = {
		{"/sys/devices/system/cpu/offline", {.show = show_offline}},
		{"/sys/devices/system/cpu/online", {.show = show_online}},
		{"/sys/devices/system/cpu/possible", {.show = show_present}},
		{"/sys/devices/system/cpu/present", {.show = show_present}},
	};
	enum err err = OK;

	for (size_t i = 0; i < ARRAY_SIZE(dirs) && err == OK; i++)
		err = make_dir(dirs[i]);
	for (size_t i = 0; i < ARRAY_SIZE(files) && err == OK; i++)
		err = make_file(files[i].name, &files[i].attribute);
	if (err == OK)
		err = make_bugs();
	for_each_cpu(id, cpus_present)
	{
		if (err == OK)
			err = make_cpu((unsigned)id);
	}
	return err;
}

void sys_populate(void)
{
	enum err err;

	cpus_present = READ_ONCE(cpus_online);
	err = make_all();
	if (err != OK)
		log_err("fs", "/sys is not complete: %s", err_text(err));
}
