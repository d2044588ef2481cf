/* SPDX-License-Identifier: BSD-2-Clause */
/* Every allocation of every call fails once: an error comes back, and nothing else stays. */
#include "fs/epoll.h"
#include "fs/eventfd.h"
#include "fs/pipe.h"
#include "fs/timerfd.h"
#include "kernel/core/epoch.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

#define LONG_NAME          "a-name-that-is-too-long-to-stand-inside-its-own-dentry"
#define MORE_THAN_ANY_CALL 40u

static struct fs_fixture fixture;
static struct file_table *table;

/* Each does something and undoes it; the error is the first that came. */
static enum err try_create(void)
{
	struct file *file;
	enum err error = fixture_open(&fixture, LONG_NAME, O_CREAT | O_RDWR, &file);

	if (error) {
		/* The name may be there already: only opening it failed. */
		(void)!fixture_unlink(&fixture, LONG_NAME);
		return error;
	}
	if (fixture_write(file, "x", 1) != 1)
		error = ERR_NOMEM;
	file_put(file);
	(void)!fixture_unlink(&fixture, LONG_NAME);
	return error;
}

static enum err try_mkdir(void)
{
	enum err error = fixture_dir(&fixture, LONG_NAME, 0755);

	return error ? error : fixture_rmdir(&fixture, LONG_NAME);
}

static enum err try_symlink(void)
{
	enum err error = fixture_symlink(&fixture, "target", "link");

	return error ? error : fixture_unlink(&fixture, "link");
}

static enum err try_rename(void)
{
	enum err error = fixture_rename(&fixture, "old", LONG_NAME);

	while (!error && fixture_rename(&fixture, LONG_NAME, "old"))
		;
	return error;
}

/* A rename over another file puts that one back when it fails. */
static enum err try_rename_over(void)
{
	enum err error = fixture_rename(&fixture, "old", LONG_NAME);

	if (error)
		return fixture_lookup(&fixture, LONG_NAME, 0) ? ERR_NOENT : error;
	while (fixture_rename(&fixture, LONG_NAME, "old"))
		;
	while (fixture_file(&fixture, LONG_NAME, 0644))
		;
	return OK;
}

static enum err try_link_walk(void)
{
	return fixture_lookup(&fixture, "to_dir/../old", 0);
}

static enum err try_pipe(void)
{
	struct file *files[2];
	enum err error = pipe_create(0, cred_root(), files);

	if (error)
		return error;
	if (fixture_write(files[1], "x", 1) != 1)
		error = ERR_NOMEM;
	file_put(files[0]);
	file_put(files[1]);
	return error;
}

static enum err try_clone(void)
{
	struct file_table *clone = file_table_clone(table);

	file_table_put(clone);
	return clone ? OK : ERR_NOMEM;
}

/* An epoll, what it watches, and the watches: by one file twice and by another epoll. */
static enum err try_epoll(void)
{
	const struct epoll_event event = {.events = POLLIN};
	struct file *epoll = NULL, *outer = NULL, *target = NULL;
	enum err error = epoll_create(cred_root(), &epoll);

	if (!error)
		error = epoll_create(cred_root(), &outer);
	if (!error)
		error = eventfd_create(1, false, 0, cred_root(), &target);
	if (!error)
		error = epoll_add(epoll, target, 1, &event);
	if (!error)
		error = epoll_add(epoll, target, 2, &event);
	if (!error)
		error = epoll_add(outer, epoll, 3, &event);
	file_put(epoll);
	file_put(target);
	file_put(outer);
	return error;
}

static enum err try_timerfd(void)
{
	const struct timerfd_setting setting = {.value_ns = 1, .interval_ns = 1};
	struct timerfd_setting old;
	struct file *file;
	enum err error = timerfd_create(true, 0, cred_root(), &file);

	if (error)
		return error;
	error = timerfd_set(file, &setting, &old);
	file_put(file);
	return error;
}

static void count(uint64_t *used)
{
	epoch_drain();
	slab_drain();
	*used = slab_used_count();
}

/* Fails allocation 1, 2, … of @run until none is left to fail. */
static bool fail_each(enum err (*run)(void))
{
	uint64_t before;
	uint64_t after;
	bool fired = true;
	unsigned failures = 0;
	unsigned n;

	CHECK(run() == OK);
	count(&before);
	for (n = 1; fired && n < MORE_THAN_ANY_CALL; n++) {
		enum err error;

		inject_arm(n);
		error = run();
		fired = inject_fired();
		inject_arm(0);
		/* The slabs try smaller blocks themselves: not every failure comes through. */
		CHECK(error == OK || (fired && error == ERR_NOMEM));
		failures += error != OK;
		count(&after);
		CHECK(after == before);
	}
	CHECK(!fired && failures > 0);
	return true;
}

SELFTEST(M9, 13, failures_in_file_calls, .needs = M12)
{
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	table = file_table_create();
	CHECK(table && fixture_file(&fixture, "old", 0644) == OK);
	CHECK(fixture_dir(&fixture, "dir", 0755) == OK);
	CHECK(fixture_symlink(&fixture, "dir", "to_dir") == OK);
	CHECK(fixture_open(&fixture, "old", O_RDONLY, &file) == OK);
	CHECK(fd_install(table, file, 0, 1024, 0) == 0);
	CHECK(fail_each(try_create) && fail_each(try_mkdir) && fail_each(try_symlink));
	CHECK(fail_each(try_rename) && fail_each(try_link_walk));
	CHECK(fail_each(try_pipe) && fail_each(try_clone));
	CHECK(fail_each(try_epoll) && fail_each(try_timerfd));
	CHECK(fixture_file(&fixture, LONG_NAME, 0644) == OK);
	CHECK(fail_each(try_rename_over));
	CHECK(fixture_unlink(&fixture, LONG_NAME) == OK);
	file_table_put(table);
	CHECK(fixture_unlink(&fixture, "to_dir") == OK && fixture_unlink(&fixture, "old") == OK);
	CHECK(fixture_rmdir(&fixture, "dir") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
