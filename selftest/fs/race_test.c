/* SPDX-License-Identifier: BSD-2-Clause */
/* What four threads do to names, files and descriptors at once, on as many CPUs as there are. */
#include "kernel/lib/format.h"

#include "fs/fd.h"
#include "selftest/fs/fixture.h"
#include "selftest/workers.h"

#define ROUNDS 300u
#define LIMIT  4096u /* of the file's size, no multiple of what is written */
#define CHUNK  96u

static struct fs_fixture shared;
static unsigned wrong;

static void count_wrong(bool bad)
{
	if (bad)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

static void do_nothing(void *arg)
{
	(void)arg;
}

/* Stacks are kept when they are freed: the first ones are no leak. */
static bool begin(void)
{
	struct workers workers;

	wrong = 0;
	CHECK(workers_start(&workers, WORKERS_MAX, do_nothing));
	workers_join(&workers);
	CHECK(fixture_begin(&shared, 64));
	return true;
}

static bool run(void (*what)(void *arg))
{
	struct workers workers;

	CHECK(workers_start(&workers, WORKERS_MAX, what));
	workers_join(&workers);
	CHECK(!wrong);
	return true;
}

/* Two move names about, the others must always find those that stay. */
static void move_or_look(void *arg)
{
	uintptr_t index = (uintptr_t)arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		char one[24], two[24];

		format_text(one, sizeof(one), "d%u/%s", i & 1, index & 1 ? "odd" : "even");
		format_text(two, sizeof(two), "d%u/%s", ~i & 1, index & 1 ? "odd" : "even");
		if (index < 2)
			count_wrong(fixture_rename(&shared, one, two) != OK);
		else
			count_wrong(fixture_lookup(&shared, "d0/../d1/stays", 0) != OK);
		thread_yield();
	}
}

SELFTEST(M12, 2, names_that_stay_are_found)
{
	CHECK(begin());
	CHECK(fixture_dir(&shared, "d0", 0755) == OK && fixture_dir(&shared, "d1", 0755) == OK);
	CHECK(fixture_file(&shared, "d0/odd", 0644) == OK);
	CHECK(fixture_file(&shared, "d0/even", 0644) == OK);
	CHECK(fixture_file(&shared, "d1/stays", 0644) == OK);
	CHECK(run(move_or_look));
	CHECK(fixture_unlink(&shared, "d0/odd") == OK && fixture_unlink(&shared, "d0/even") == OK);
	CHECK(fixture_unlink(&shared, "d1/stays") == OK);
	CHECK(fixture_rmdir(&shared, "d0") == OK && fixture_rmdir(&shared, "d1") == OK);
	CHECK(fixture_end(&shared));
	return true;
}

static struct file *appended;
static unsigned appended_bytes;

static void append(void *arg)
{
	char bytes[CHUNK] = {};
	struct io_iter iter;
	int64_t result;

	(void)arg;
	do {
		io_iter_init_kernel(&iter, bytes, sizeof(bytes));
		result = file_write_limited(appended, &iter, LIMIT);
		if (result > 0)
			__atomic_add_fetch(&appended_bytes, (unsigned)result, __ATOMIC_RELAXED);
		thread_yield();
	} while (result > 0);
	count_wrong(result != ERR_FBIG);
}

SELFTEST(M12, 7, appenders_share_a_limit)
{
	appended_bytes = 0;
	CHECK(begin());
	CHECK(fixture_open(&shared, "f", O_CREAT | O_WRONLY | O_APPEND, &appended) == OK);
	CHECK(run(append));
	CHECK(appended_bytes == LIMIT && inode_size(appended->inode) == LIMIT);
	file_put(appended);
	CHECK(fixture_unlink(&shared, "f") == OK);
	CHECK(fixture_end(&shared));
	return true;
}

static struct file_table *table;
static struct file *files[2];

/* Descriptor 0 names one file or the other, whatever happens to it. */
static void replace_or_get(void *arg)
{
	uintptr_t index = (uintptr_t)arg;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct file *file;

		if (index < 2) {
			count_wrong(fd_dup_to(table, 1 + (i & 1), 0, UINT64_MAX, 0) != 0);
		} else {
			file = fd_get(table, 0);
			count_wrong(file != files[0] && file != files[1]);
			file_put(file);
			count_wrong(fd_dup(table, 0, 64 * (index - 1), UINT64_MAX, 0) < 0);
		}
		thread_yield();
	}
}

SELFTEST(M12, 6, descriptors_shared_by_threads)
{
	CHECK(begin());
	CHECK(fixture_open(&shared, "a", O_CREAT | O_RDWR, &files[0]) == OK);
	CHECK(fixture_open(&shared, "b", O_CREAT | O_RDWR, &files[1]) == OK);
	table = file_table_create();
	CHECK(table);
	CHECK(fd_install(table, file_get(files[0]), 0, 64, 0) == 0);
	CHECK(fd_install(table, files[0], 0, 64, 0) == 1);
	CHECK(fd_install(table, files[1], 0, 64, 0) == 2);
	file_table_share(table);
	CHECK(files[0]->object.flags & OBJECT_FOUND_UNLOCKED);
	CHECK(run(replace_or_get));
	CHECK(fd_names(table, 1, files[0]) && !fd_names(table, 1, files[1]));
	file_table_put(table);
	CHECK(fixture_unlink(&shared, "a") == OK && fixture_unlink(&shared, "b") == OK);
	CHECK(fixture_end(&shared));
	return true;
}
