/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the three programs of the pointer matrix share: rows, valid arguments, bad addresses. */
#include "selftest/syscall/badptr.h"
#include "selftest/user/again.h"
#include "selftest/user/ptr_specs.h"
#include "selftest/user/signals.h"
#include "selftest/user/user.h"

#define SYS_lseek        8
#define SYS_ioctl        16
#define SYS_setitimer    38
#define SYS_dup2         33
#define SYS_mkdir        83
#define SYS_rmdir        84
#define SYS_unlink       87
#define SYS_symlink      88
#define SYS_setgroups    116
#define SYS_timer_create 222
#define SYS_waitid       247
#define SYS_open         2
#define SYS_ftruncate    77

#define SYS_epoll_ctl      233
#define SYS_timerfd_create 283
#define SYS_eventfd2       290
#define SYS_epoll_create1  291

#define O_RDWR_CREAT 0102
#define O_DIRECTORY  0200000
#define SIGHUP       1
#define SIGALRM      14
#define TCGETS2      0x802c542a
#define TIOCGWINSZ   0x5413
#define TIOCSCTTY    0x540e
#define TIOCNOTTY    0x5422
#define TIOCSPGRP    0x5410
#define TIOCSWINSZ   0x5414
#define TIOCSETD     0x5423
#define FIONBIO      0x5421
#define FIOASYNC     0x5452
#define TIOCPKT      0x5420
#define TIOCGPTN     0x80045430
#define TIOCSPTLCK   0x40045431
#define TIOCGPKT     0x80045438
#define TIOCGPTLCK   0x80045439
#define FILE_BYTES   8192

static const struct arg_row matrix_rows[] = {
#include "syscall/arg_rows.inc"
};
#define MATRIX_ROWS (sizeof(matrix_rows) / sizeof(matrix_rows[0]))

/* Addresses of badptr.def that only the running program knows. */
struct bad_places {
	uint64_t kernel[8];
	uint64_t hole, prot_none, read_only, vdso, vvar, beyond_file, stack_guard;
};
static struct bad_places bad_places;

static uint8_t terminal_state[64], terminal_size[8];
static int32_t own_group[1];

static inline void fill(void *at, uint8_t byte, size_t n)
{
	for (volatile uint8_t *p = at; n--; p++)
		*p = byte;
}

static inline uint64_t badptr_address(enum badptr column, uint64_t n)
{
	const struct bad_places *bad = &bad_places;
	const uint64_t addresses[] = {
#define BADPTR(name, flags, address) (uint64_t)(address),
#include "selftest/syscall/badptr.def"
#undef BADPTR
	};

	/* A string that begins before the hole ends nowhere, whatever calls wrote there. */
	if (column == BADPTR_before_hole)
		fill((uint8_t *)bad->hole - 256, 'x', 256);
	return addresses[column];
}

static inline void copy(void *to, const void *from, size_t n)
{
	volatile uint8_t *p = to;

	for (const uint8_t *q = from; n--;)
		*p++ = *q++;
}

static inline size_t text_bytes(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n + 1;
}

/* How many bytes an argument spans; a string's first two. */
static inline uint64_t arg_span(const struct arg_type *type, const struct ptr_spec *spec)
{
	uint64_t count = type->len_from == ARG_NO_LEN ? 1 : (uint64_t)spec->value[type->len_from];

	switch (type->kind) {
	case ARG_STRING:
		return 2;
	case ARG_STRINGS:
		return 8;
	default:
		break;
	}
	/* Of a buffer only as much as the call has to give. */
	if (type->size == 1 && spec->twin > 0 && count > (uint64_t)spec->twin)
		count = (uint64_t)spec->twin;
	return type->size * count;
}

/* Those that only the master of a pseudo terminal knows. */
static inline bool is_of_master(uint32_t command)
{
	return command == TIOCGPTN || command == TIOCSPTLCK || command == TIOCGPTLCK ||
	       command == TIOCPKT || command == TIOCGPKT;
}

static inline const void *ioctl_content(uint32_t command)
{
	switch (command) {
	case TIOCSPGRP:
		return own_group;
	case TIOCSWINSZ:
		return terminal_size;
	case TIOCSETD:
	case FIONBIO:
	case FIOASYNC:
	case TIOCSPTLCK:
	case TIOCPKT:
		return "\0\0\0";
	default:
		return terminal_state; /* begins with what the shorter structure holds */
	}
}

/* Terminal controls have their rows in drv/ioctl.def; their content is the terminal's own state. */
static inline const struct ptr_spec *ioctl_spec(const struct arg_row *row)
{
	static struct ptr_spec spec;

	spec = (struct ptr_spec){
		.number = row->number,
		.selection = row->selection,
		.value = {is_of_master(row->selection) ? FD_PTMX : FD_TTY, row->selection},
		.content = {0, 0, ioctl_content(row->selection)},
	};
	return &spec;
}

/* NULL: nobody has said what valid arguments are, and the matrix is not complete. */
static inline const struct ptr_spec *spec_of(const struct arg_row *row)
{
	if (row->number == SYS_ioctl && row->selector != ARG_NO_LEN)
		return ioctl_spec(row);
	for (size_t i = 0; i < sizeof(ptr_specs) / sizeof(ptr_specs[0]); i++)
		if (ptr_specs[i].number == row->number && ptr_specs[i].selection == row->selection)
			return &ptr_specs[i];
	return 0;
}

static inline bool has_pointers(const struct arg_row *row)
{
	for (unsigned i = 0; i < row->count; i++)
		if (arg_is_pointer(&row->args[i]))
			return true;
	return false;
}

/* One page for each argument: what it reads stands at its start. */
static uint8_t good_pages[6][PAGE] __attribute__((aligned(4096)));

static inline void set_content(uint8_t *at, const struct arg_type *type,
			       const struct ptr_spec *spec, const void *content)
{
	uint64_t count = type->len_from == ARG_NO_LEN ? 1 : (uint64_t)spec->value[type->len_from];

	if (type->kind == ARG_STRING)
		copy(at, content ? content : "", content ? text_bytes(content) : 1);
	else if (content)
		copy(at, content, type->size * count);
}

/* All arguments valid. */
static inline void valid_arguments(const struct arg_row *row, const struct ptr_spec *spec,
				   long args[6])
{
	for (unsigned i = 0; i < 6; i++) {
		args[i] = spec->value[i];
		if (i >= row->count || !arg_is_pointer(&row->args[i]))
			continue;
		fill(good_pages[i], 0, 512);
		set_content(good_pages[i], &row->args[i], spec, spec->content[i]);
		args[i] = (long)good_pages[i];
	}
}

static inline void make_zombie(void)
{
	int32_t info[32] = {0};

	sys6(SYS_waitid, 0, 0, (long)info, 0x01000005 /* WNOHANG WEXITED WNOWAIT */, 0, 0);
	if (info[3])
		return;
	if (sys_fork() == 0)
		sys_exit(0);
	sys6(SYS_waitid, 0, 0, 0, 0x01000004 /* WEXITED WNOWAIT */, 0, 0);
}

static inline void reap_all(void)
{
	while (sys6(SYS_wait4, -1, 0, 0, 0, 0, 0) > 0)
		;
}

static inline void set_alarm(uint64_t microseconds)
{
	/* Again and again: the first may come before the sleep has begun. */
	uint64_t timer[4] = {0, microseconds, 0, microseconds};

	sys3(SYS_setitimer, 0, (long)timer, 0);
}

static inline long call_once(const struct arg_row *row, const struct ptr_spec *spec,
			     const long args[6])
{
	long result;

	sys3(SYS_lseek, FD_FILE, 0, 0);
	sys3(SYS_lseek, FD_DIR, 0, 0);
	if (spec->flags & NEEDS_CHILD)
		make_zombie();
	if (spec->flags & NEEDS_SIGNAL)
		sys3(SYS_kill, sys0(SYS_getpid), SIGUSR1, 0);
	if (spec->flags & NEEDS_ALARM)
		set_alarm(1000);
	result = sys6(row->number, args[0], args[1], args[2], args[3], args[4], args[5]);
	if (spec->flags & NEEDS_ALARM)
		set_alarm(0);
	if ((spec->flags & MAKES_CHILD) && result == 0)
		sys_exit(0);
	return result;
}

static inline uint64_t map_with_hole(void)
{
	uint8_t *at = sys_mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	fill(at, 'x', PAGE);
	sys3(SYS_munmap, (long)(at + PAGE), PAGE, 0);
	return (uint64_t)(at + PAGE);
}

static inline void set_up_places(const uint64_t *stack)
{
	uint8_t *read_only = sys_mmap(0, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
	uint64_t state[8];

	CHECK(sys3(SYS_probe_state, PROBE_KERNEL_ADDRESSES, (long)state, 0) == 0);
	copy(bad_places.kernel, state, sizeof(state));
	bad_places.prot_none = (uint64_t)sys_mmap(0, PAGE, 0, MAP_PRIVATE | MAP_ANONYMOUS);
	CHECK(sys3(SYS_mprotect, (long)read_only, PAGE, PROT_READ) == 0);
	bad_places.read_only = (uint64_t)read_only;
	bad_places.vdso = aux_value(stack, AT_SYSINFO_EHDR);
	bad_places.vvar = bad_places.vdso - PAGE;
	bad_places.beyond_file =
		FILE_BYTES + (uint64_t)sys6(SYS_mmap, 0, FILE_BYTES + PAGE, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE, FD_FILE, 0);
	bad_places.stack_guard = ((uint64_t)state & ~(PAGE - 1)) - (9ul << 20);
	/* The last one: whatever is mapped later may fill it. */
	bad_places.hole = map_with_hole();
}

static inline void set_up_files(void)
{
	static const uint32_t groups[4] = {1, 2, 3, 4};
	int32_t ends[2];

	CHECK(sys3(SYS_mkdir, (long)"/.mx", 0700, 0) == 0);
	CHECK(sys3(SYS_dup2, sys3(SYS_open, (long)"/.mx/f2", O_RDWR_CREAT, 0600), FD_FILE, 0) > 0);
	CHECK(sys3(SYS_dup2, sys3(SYS_open, (long)"/.mx/f", O_RDWR_CREAT, 0600), FD_FILE, 0) > 0);
	CHECK(sys3(SYS_ftruncate, FD_FILE, FILE_BYTES, 0) == 0);
	CHECK(sys3(SYS_symlink, (long)"f", (long)"/.mx/l", 0) == 0);
	CHECK(sys3(SYS_dup2, sys3(SYS_open, (long)"/.mx", O_DIRECTORY, 0), FD_DIR, 0) > 0);
	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	CHECK(sys3(SYS_dup2, ends[0], FD_READ, 0) > 0 && sys3(SYS_dup2, ends[1], FD_WRITE, 0) > 0);
	CHECK(sys3(SYS_dup2, sys3(SYS_open, (long)"/dev/ptmx", O_RDWR_CREAT, 0), FD_PTMX, 0) > 0);
	CHECK(sys3(SYS_setgroups, 4, (long)groups, 0) == 0);
}

static inline void set_up_events(void)
{
	CHECK(sys3(SYS_dup2, sys3(SYS_eventfd2, 1, 0, 0), FD_EVENT, 0) == FD_EVENT);
	CHECK(sys3(SYS_dup2, sys3(SYS_timerfd_create, 1, 0, 0), FD_TIMER, 0) == FD_TIMER);
	CHECK(sys3(SYS_dup2, sys3(SYS_epoll_create1, 0, 0, 0), FD_EPOLL, 0) == FD_EPOLL);
	CHECK(sys6(SYS_epoll_ctl, FD_EPOLL, 1, FD_EVENT, (long)epoll_in, 0, 0) == 0);
}

static inline void ignore_signal(int number, struct info *info, struct context *context)
{
	(void)number;
	(void)info;
	(void)context;
}

static inline void set_up_process(void)
{
	uint64_t set = 1ul << (SIGUSR1 - 1);

	own_group[0] = (int32_t)sys0(SYS_getpid);
	sys3(SYS_ioctl, FD_TTY, TIOCSCTTY, 0);
	CHECK(sys3(SYS_ioctl, FD_TTY, TCGETS2, (long)terminal_state) == 0);
	sys3(SYS_ioctl, FD_TTY, TIOCGWINSZ, (long)terminal_size);
	CHECK(handle(SIGUSR1, ignore_signal, 0) == 0);
	CHECK(handle(SIGALRM, ignore_signal, 0) == 0);
	CHECK(handle(SIGHUP, ignore_signal, 0) == 0); /* of TIOCNOTTY at the end */
	CHECK(sys6(SYS_rt_sigprocmask, 0, (long)&set, 0, 8, 0, 0) == 0);
}

/* A process's first timer has the number 0. */
static inline void set_up_timer(void)
{
	int32_t id = -1;

	CHECK(sys3(SYS_timer_create, 1, 0, (long)&id) == 0 && id == 0);
}

static inline void matrix_begin(const uint64_t *stack)
{
	set_up_files();
	set_up_events();
	set_up_places(stack);
	set_up_process();
	set_up_timer();
}

/* Lives as long as the matrix, if there is one. */
static long matrix_child;

static inline void matrix_end(void)
{
	static const char *const names[] = {"/.mx/f",  "/.mx/f2", "/.mx/f3", "/.mx/f4", "/.mx/f5",
					    "/.mx/l",  "/.mx/c",  "/.mx/h",  "/.mx/h2", "/.mx/s",
					    "/.mx/s2", "/.mx/n",  "/.mx/n2"};

	if (matrix_child > 0)
		sys3(SYS_kill, matrix_child, SIGKILL, 0);
	reap_all();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		sys3(SYS_unlink, (long)names[i], 0, 0);
	sys3(SYS_rmdir, (long)"/.mx/d", 0, 0);
	sys3(SYS_ioctl, FD_TTY, TIOCNOTTY, 0);
	CHECK(sys3(SYS_rmdir, (long)"/.mx", 0, 0) == 0);
}

/* What a call must answer in a cell. */
static inline long cell_answer(enum badptr column, bool moves_bytes, uint64_t n)
{
	return column == BADPTR_before_hole && moves_bytes ? (long)(n / 2) : -EFAULT;
}

/* The report of a cell that is wrong: call * 10000 + argument * 100 + column. */
static inline _Noreturn void report_cell(const struct arg_row *row, unsigned argument,
					 unsigned column, unsigned cells)
{
	sys3(SYS_test_report, (row->number * 100l + argument) * 100 + column, 0, cells);
	matrix_end();
	sys_exit(1);
}
