/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M10-07: what runs is not written, what is written is not run. */
#include "selftest/user/service.h"

#define SYS_lseek    8
#define SYS_truncate 76

#define ENOEXEC 8
#define ETXTBSY 26

#define OTHER       "/.text_busy"
#define SECOND_LIFE 7
#define RACES       8

static long open_file(const char *name, long flags)
{
	return sys3(SYS_open, (long)name, flags, 0755);
}

static long exec_in_child(const char *name)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0)
		sys_exit((int)-exec_path(name, "again"));
	CHECK(pid > 0 && sys_wait(pid, &status) == pid);
	return exit_code(status);
}

static void running(void)
{
	char byte = 0;

	CHECK(open_file(OWN_PATH, O_WRONLY) == -ETXTBSY);
	CHECK(open_file(OWN_PATH, O_RDWR) == -ETXTBSY);
	CHECK(open_file(OWN_PATH, O_RDONLY | O_TRUNC) == -ETXTBSY);
	CHECK(open_file(OWN_PATH, O_WRONLY | O_CREAT | O_TRUNC) == -ETXTBSY);
	CHECK(sys3(SYS_truncate, (long)OWN_PATH, 0, 0) == -ETXTBSY);
	long fd = open_file(OWN_PATH, O_RDONLY);
	CHECK(fd >= 0 && sys3(SYS_read, fd, (long)&byte, 1) == 1 && byte == 0x7f);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(exec_in_child(OWN_PATH) == SECOND_LIFE);
}

static void copy_self(long to)
{
	static char buffer[PAGE];
	long from = open_file(OWN_PATH, O_RDONLY), got;

	while ((got = sys3(SYS_read, from, (long)buffer, sizeof(buffer))) > 0)
		CHECK(sys3(SYS_write, to, (long)buffer, got) == got);
	CHECK(got == 0 && sys3(SYS_close, from, 0, 0) == 0);
}

static void written(void)
{
	long fd = open_file(OTHER, O_WRONLY | O_CREAT | O_TRUNC);

	CHECK(fd >= 0);
	copy_self(fd);
	CHECK(exec_in_child(OTHER) == ETXTBSY);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(exec_in_child(OTHER) == SECOND_LIFE);
	/* Whoever ran it is gone: it can be written, and what cannot run holds nothing. */
	CHECK(sys3(SYS_truncate, (long)OTHER, 2, 0) == 0);
	CHECK(exec_in_child(OTHER) == ENOEXEC);
	fd = open_file(OTHER, O_WRONLY);
	CHECK(fd >= 0 && sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(sys3(SYS_unlink, (long)OTHER, 0, 0) == 0);
}

/* The first byte is wrong whenever the file is open for writing, and right when it is not. */
static _Noreturn void keep_rewriting(void)
{
	for (;;) {
		long fd = open_file(OTHER, O_WRONLY);

		if (fd >= 0) {
			sys3(SYS_write, fd, (long)"X", 1);
			sys0(SYS_sched_yield);
			sys3(SYS_lseek, fd, 0, 0);
			sys3(SYS_write, fd, (long)"\177", 1);
			sys3(SYS_close, fd, 0, 0);
		}
		sys0(SYS_sched_yield);
	}
}

/* Beside a writer that never rests a program runs whole, or not at all. */
static void raced(void)
{
	unsigned ran = 0, refused = 0;
	long fd = open_file(OTHER, O_WRONLY | O_CREAT | O_TRUNC), pid;

	CHECK(fd >= 0);
	copy_self(fd);
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	pid = sys_fork();
	if (pid == 0)
		keep_rewriting();
	CHECK(pid > 0);
	for (unsigned i = 0; (ran < RACES || refused < RACES) && i < 100 * RACES; i++) {
		/* Whatever the order in which they get the CPU: at every point of the writer. */
		for (unsigned turn = 0; turn < i % 4; turn++)
			sys0(SYS_sched_yield);
		long code = exec_in_child(OTHER);

		CHECK(code == SECOND_LIFE || code == ETXTBSY);
		ran += code == SECOND_LIFE;
		refused += code == ETXTBSY;
	}
	CHECK(ran >= RACES && refused >= RACES);
	CHECK(sys3(SYS_kill, pid, SIGKILL, 0) == 0 && sys_wait(pid, NULL) == pid);
	CHECK(sys3(SYS_unlink, (long)OTHER, 0, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	if (stack[0] == 2)
		sys_exit(SECOND_LIFE);
	running();
	written();
	raced();
}
