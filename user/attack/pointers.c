/* SPDX-License-Identifier: BSD-2-Clause */
/* System calls with pointers, lengths and numbers that no honest program has. */
#include <sys/uio.h>

#include "user/attack/attack.h"

static const uint64_t bad[] = {
	0,           8,           0xffff,          USER_LIMIT,      1UL << 47,  0x800000000000,
	KERNEL_HALF, KERNEL_TEXT, KERNEL_HALF - 1, UINT64_MAX - 63, UINT64_MAX,
};

static int zeros(void)
{
	return open("/dev/zero", O_RDWR);
}

static void read_into(void)
{
	size_t refused = 0;
	int fd = zeros();

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused += read(fd, (void *)bad[i], 64) == -1 && errno == EFAULT;
	saw_count(refused, COUNT_OF(bad), "EFAULT");
}

static void write_from(void)
{
	size_t refused = 0;
	int ends[2];

	if (pipe(ends))
		saw_answer(-1);
	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused += write(ends[1], (void *)bad[i], 64) == -1 && errno == EFAULT;
	saw_count(refused, COUNT_OF(bad), "EFAULT");
}

static void names(void)
{
	size_t refused = 0;

	for (size_t i = 0; i < COUNT_OF(bad); i++)
		refused += open((const char *)bad[i], O_RDONLY) == -1 && errno == EFAULT;
	saw_count(refused, COUNT_OF(bad), "EFAULT");
}

/* Fills the first part and then comes to the kernel's. */
static void vectors(void)
{
	char good[16];
	size_t refused = 0;
	int fd = zeros();

	for (size_t i = 0; i < COUNT_OF(bad); i++) {
		struct iovec parts[] = {{good, sizeof(good)}, {(void *)bad[i], 64}};
		ssize_t got = readv(fd, parts, 2);

		refused += got <= (ssize_t)sizeof(good);
	}
	saw_count(refused, COUNT_OF(bad), "refused or cut before");
}

static void sum_that_wraps(void)
{
	static char room[PAGE];
	struct iovec parts[] = {{room, (size_t)-PAGE}, {room, 2 * PAGE}};

	saw_answer(readv(zeros(), parts, 2));
}

/* From the last page of the program into what is behind it. */
static void over_the_limit(void)
{
	char *last = mmap((void *)(USER_LIMIT - PAGE), PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	if (last == MAP_FAILED || read(zeros(), last, PAGE) != (ssize_t)PAGE)
		saw("even the page itself was refused");
	saw_answer(read(zeros(), last, PAGE + 1));
}

static void huge_lengths(void)
{
	static const uint64_t lengths[] = {1UL << 47, 1UL << 63, UINT64_MAX, UINT64_MAX - 4095};
	static char room[64];
	size_t refused = 0;

	for (size_t i = 0; i < COUNT_OF(lengths); i++)
		refused += syscall(SYS_getrandom, KERNEL_HALF - 64, lengths[i], 0) == -1 &&
			   write(zeros(), room, lengths[i]) == -1;
	saw_count(refused, COUNT_OF(lengths), "refused");
}

static void read_only_target(void)
{
	static const char constant[64] = "constant";
	ssize_t got = read(zeros(), (void *)constant, sizeof(constant));

	if (memcmp(constant, "constant", 8))
		saw("written");
	saw_answer(got);
}

/* 40 calls that write a structure, each to the kernel's text. */
static void structures(void)
{
	static const int calls[] = {
		SYS_uname,         SYS_sysinfo,        SYS_times,        SYS_getitimer,
		SYS_getrlimit,     SYS_getrusage,      SYS_gettimeofday, SYS_clock_gettime,
		SYS_clock_getres,  SYS_stat,           SYS_lstat,        SYS_fstat,
		SYS_statfs,        SYS_fstatfs,        SYS_getresuid,    SYS_getresgid,
		SYS_pipe,          SYS_getcwd,         SYS_readlink,     SYS_sigaltstack,
		SYS_rt_sigpending, SYS_sched_getparam, SYS_timer_create,
	};
	size_t granted = 0;

	for (size_t i = 0; i < COUNT_OF(calls); i++)
		granted += syscall(calls[i], KERNEL_TEXT, KERNEL_TEXT, KERNEL_TEXT, KERNEL_TEXT,
				   KERNEL_TEXT, KERNEL_TEXT) >= 0;
	for (uint64_t first = 0; first < 3; first++)
		for (size_t i = 0; i < COUNT_OF(calls); i++)
			granted += calls[i] != SYS_times && calls[i] != SYS_getcwd &&
				   calls[i] != SYS_sigaltstack &&
				   syscall(calls[i], first, KERNEL_TEXT, KERNEL_TEXT, 8) >= 0;
	saw("%zu granted", granted);
}

static void unknown_numbers(void)
{
	static const uint64_t numbers[] = {
		1000,
		4095,
		4100,
		8192,
		1UL << 31,
		1UL << 32,
		UINT64_MAX,
		0x40000000,
		0x40000001,
		(1UL << 32) + 39,
		(1UL << 63) + 1,
		0x7fffffff,
	};
	size_t refused = 0;

	for (size_t i = 0; i < COUNT_OF(numbers); i++)
		refused += syscall((long)numbers[i], 0, 0, 0) == -1 && errno == ENOSYS;
	saw_count(refused, COUNT_OF(numbers), "ENOSYS");
}

/* What a call left of the kernel in registers that it does not answer in. */
static void registers(void)
{
	uint64_t rcx, rdx, rsi, rdi, r11, foreign = 0;

	for (long number = 0; number < 335; number++) {
		if (number == SYS_exit || number == SYS_exit_group || number == SYS_pause ||
		    number == SYS_fork || number == SYS_vfork || number == SYS_rt_sigreturn ||
		    number == SYS_close || number == SYS_rt_sigsuspend)
			continue;
		__asm__ volatile("mov $-1, %%rdi; mov $-1, %%rsi; mov $-1, %%rdx; mov %5, %%rax;"
				 "syscall; mov %%rcx, %0; mov %%rdx, %1; mov %%rsi, %2;"
				 "mov %%rdi, %3; mov %%r11, %4"
				 : "=&r"(rcx), "=&r"(rdx), "=&r"(rsi), "=&r"(rdi), "=&r"(r11)
				 : "r"(number)
				 : "rax", "rcx", "rdx", "rsi", "rdi", "r11", "memory");
		foreign += rcx >= USER_LIMIT || r11 >> 32 || rdx + 1 || rsi + 1 || rdi + 1;
	}
	saw("%lu calls leave something behind", foreign);
}

#define ROW(what, function, expect, by)                             \
	{                                                           \
		"pointers/" what, function, expect, by, NULL, false \
	}
#define OURS(what, function, expect, by)                           \
	{                                                          \
		"pointers/" what, function, expect, by, "*", false \
	}

const struct attack pointers_attacks[] = {
	ROW("read_into", read_into, "11 of 11 EFAULT", "range check"),
	ROW("write_from", write_from, "11 of 11 EFAULT", "range check"),
	ROW("names", names, "11 of 11 EFAULT", "range check"),
	ROW("second_vector", vectors, "11 of 11 refused*", "range check of each vector"),
	OURS("sum_that_wraps", sum_that_wraps, "EINVAL", "checked sums"),
	ROW("over_the_limit", over_the_limit, "EFAULT", "range check of the end"),
	ROW("huge_lengths", huge_lengths, "4 of 4 refused", "no sum wraps"),
	ROW("read_only_target", read_only_target, "EFAULT", "CR0.WP"),
	ROW("structures", structures, "0 granted", "range check"),
	OURS("unknown_numbers", unknown_numbers, "12 of 12 ENOSYS", "number compared in 64 bits"),
	ROW("registers", registers, "0 calls leave*", "registers restored, cleared"),
	ATTACKS_END,
};
