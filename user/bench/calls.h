/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Raw system calls: libc's wrappers would be measured too, and differ between libcs. */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static inline uint64_t rdtsc(void)
{
	uint32_t lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (uint64_t)hi << 32 | lo;
}

static inline long sys0(long nr)
{
	long ret;
	__asm__ volatile("syscall" : "=a"(ret) : "0"(nr) : "rcx", "r11", "memory");
	return ret;
}

static inline long sys3(long nr, long a, long b, long c)
{
	long ret;
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys6(long nr, long a, long b, long c, long d, long e, long f)
{
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "0"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

static inline long sys_read(int fd, void *buf, size_t len)
{
	return sys3(SYS_read, fd, (long)buf, (long)len);
}

static inline long sys_write(int fd, const void *buf, size_t len)
{
	return sys3(SYS_write, fd, (long)buf, (long)len);
}

static inline long sys_open(const char *path, int flags)
{
	return sys3(SYS_open, (long)path, flags, 0644);
}

static inline long sys_close(int fd)
{
	return sys3(SYS_close, fd, 0, 0);
}

static inline long sys_pipe(int fds[2])
{
	return sys3(SYS_pipe2, (long)fds, 0, 0);
}

static inline long sys_fork(void)
{
	return sys0(SYS_fork);
}

static inline _Noreturn void sys_exit(int status)
{
	for (;;)
		sys3(SYS_exit_group, status, 0, 0);
}

static inline long sys_wait(long pid, int *status, int flags)
{
	return sys6(SYS_wait4, pid, (long)status, flags, 0, 0, 0);
}

static inline long sys_mmap(size_t len, int prot)
{
	return sys6(SYS_mmap, 0, (long)len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static inline long sys_munmap(void *addr, size_t len)
{
	return sys3(SYS_munmap, (long)addr, (long)len, 0);
}

static inline long sys_futex(atomic_int *word, int op, int value)
{
	return sys6(SYS_futex, (long)word, op, value, 0, 0, 0);
}
