/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the tmpfs, and two devices. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "user/bench/bench.h"

enum { DIR_FILES = 10000 };

static const char work_dir[] = "/tmp/bench.dir";
static char dir_names[DIR_FILES][24];

static long setup_zero(long arg)
{
	(void)arg;
	TRY(st.in = (int)sys_open("/dev/zero", O_RDONLY));
	return 0;
}

static int64_t run_read_1(unsigned n)
{
	return TIMED(n, TRY(sys_read(st.in, buffer, 1)));
}

static long setup_null(long arg)
{
	(void)arg;
	TRY(st.out = (int)sys_open("/dev/null", O_WRONLY));
	return 0;
}

static int64_t run_write_1(unsigned n)
{
	return TIMED(n, TRY(sys_write(st.out, buffer, 1)));
}

/* A file of `len` bytes in the tmpfs, open for reading and writing. */
static long setup_file(long len)
{
	st.len = (size_t)len;
	TRY(st.in = (int)sys_open(work_file, O_RDWR | O_CREAT | O_TRUNC));
	memset(buffer, 0x5a, sizeof(buffer));
	TRY(sys_write(st.in, buffer, st.len));
	return 0;
}

static int64_t run_open_close(unsigned n)
{
	return TIMED(n, {
		long fd = sys_open(work_file, O_RDONLY);
		TRY(fd);
		TRY(sys_close((int)fd));
	});
}

/* As many descriptors open as Linux's default limit of 1024 lets a process have, and some room. */
static long setup_many_fds(long count)
{
	TRY(setup_file(PAGE));
	for (long i = 0; i < count; i++)
		TRY(sys3(SYS_dup, st.in, 0, 0));
	return 0;
}

static int64_t run_stat(unsigned n)
{
	struct stat info;
	return TIMED(n, TRY(sys3(SYS_stat, (long)work_file, (long)&info, 0)));
}

static int64_t run_fstat(unsigned n)
{
	struct stat info;
	return TIMED(n, TRY(sys3(SYS_fstat, st.in, (long)&info, 0)));
}

static int64_t run_pread(unsigned n)
{
	return TIMED(n, TRY(sys6(SYS_pread64, st.in, (long)buffer, (long)st.len, 0, 0, 0)));
}

static int64_t run_pwrite(unsigned n)
{
	return TIMED(n, TRY(sys6(SYS_pwrite64, st.in, (long)buffer, (long)st.len, 0, 0, 0)));
}

static long setup_create(long len)
{
	st.len = (size_t)len;
	return 0;
}

static int64_t run_create_unlink(unsigned n)
{
	return TIMED(n, {
		long fd = sys_open(work_file, O_RDWR | O_CREAT | O_TRUNC);
		TRY(fd);
		if (st.len)
			TRY(sys_write((int)fd, buffer, st.len));
		TRY(sys_close((int)fd));
		TRY(sys3(SYS_unlink, (long)work_file, 0, 0));
	});
}

static long setup_dir10k(long arg)
{
	(void)arg;
	long ret = sys3(SYS_mkdir, (long)work_dir, 0755, 0);
	if (ret != -EEXIST)
		TRY(ret);
	for (int i = 0; i < DIR_FILES; i++) {
		snprintf(dir_names[i], sizeof(dir_names[i]), "%s/%05d", work_dir, i);
		long fd = sys_open(dir_names[i], O_WRONLY | O_CREAT);
		TRY(fd);
		TRY(sys_close((int)fd));
	}
	return 0;
}

static int64_t run_stat_dir10k(unsigned n)
{
	struct stat info;
	unsigned at = 0;
	return TIMED(n, {
		TRY(sys3(SYS_stat, (long)dir_names[at], (long)&info, 0));
		at = (at + 7919) % DIR_FILES;
	});
}

static void teardown_dir10k(void)
{
	for (int i = 0; i < DIR_FILES; i++)
		sys3(SYS_unlink, (long)dir_names[i], 0, 0);
	sys3(SYS_rmdir, (long)work_dir, 0, 0);
}

const struct op file_ops[] = {
	OP(read_zero_1, read_1, .setup = setup_zero),
	OP(write_null_1, write_1, .setup = setup_null),
	OP(open_close, open_close, .setup = setup_file, .arg = PAGE),
	OP(open_close_1000fd, open_close, .setup = setup_many_fds, .arg = 1000),
	OP(stat, stat, .setup = setup_file, .arg = PAGE),
	OP(fstat, fstat, .setup = setup_file, .arg = PAGE),
	OP(pread_4k_tmpfs, pread, .setup = setup_file, .arg = PAGE),
	OP(file_read_64k, pread, .setup = setup_file, .arg = 64 * KIB),
	OP(file_write_64k, pwrite, .setup = setup_file, .arg = 64 * KIB),
	OP(create_unlink, create_unlink, .setup = setup_create),
	OP(create_write4k_unlink, create_unlink, .setup = setup_create, .arg = PAGE),
	OP(stat_dir10k, stat_dir10k, .setup = setup_dir10k, .teardown = teardown_dir10k),
	OPS_END,
};
