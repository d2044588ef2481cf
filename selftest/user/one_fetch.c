/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-16: what was checked is what is used. A structure that the kernel has read is changed before
 * the kernel acts on it: by the call's own output, or by a process that shares the memory while
 * the call waits.
 */
#include "selftest/user/signals.h"

#define SYS_poll   7
#define SYS_readv  19
#define SYS_writev 20
#define SYS_select 23
#define SYS_clone  56

#define CLONE_VM 0x100l

#define POLLIN      1
#define PAYLOAD     0x600dda7a600dda7aul
#define KERNEL_HALF 0xffff800000000000ul
#define FEW         3
#define MANY        20 /* more than the kernel keeps on its stack */
#define PIPE_BYTES  65536

struct vector {
	uint64_t base, len;
};

struct poll_fd {
	int32_t fd;
	int16_t events, revents;
};

static int pipe_ends[2], other_ends[2];
static struct vector vectors[MANY];
static struct poll_fd polled[2];
static uint64_t wanted, decoy, fd_set[1];
static uint8_t full[PIPE_BYTES], drained[PIPE_BYTES];
static char stat_path[32];

static void write_pipe(const int *ends, const void *data, long len)
{
	CHECK(sys3(SYS_write, ends[1], (long)data, len) == len);
}

static void fill_vectors(long count)
{
	for (long i = 0; i < count; i++)
		vectors[i] = (struct vector){(uint64_t)(uintptr_t)&decoy, 0};
	wanted = 0;
	decoy = 0;
}

/* The first vector's target is the second vector: it is changed before it is used. */
static void rewritten_by_its_own_output(long count, uint64_t base, uint64_t len)
{
	const uint64_t data[] = {base, len, PAYLOAD};

	fill_vectors(count);
	vectors[0] = (struct vector){(uint64_t)(uintptr_t)&vectors[1], sizeof(vectors[1])};
	vectors[1] = (struct vector){(uint64_t)(uintptr_t)&wanted, sizeof(wanted)};
	write_pipe(pipe_ends, data, sizeof(data));
	CHECK(sys3(SYS_readv, pipe_ends[0], (long)vectors, count) == sizeof(data));
	CHECK(vectors[1].base == base && vectors[1].len == len);
	CHECK(wanted == PAYLOAD && decoy == 0);
}

static void own_output(long count)
{
	rewritten_by_its_own_output(count, (uint64_t)(uintptr_t)&decoy, sizeof(decoy));
	rewritten_by_its_own_output(count, KERNEL_HALF, sizeof(decoy));
	rewritten_by_its_own_output(count, (uint64_t)(uintptr_t)&decoy, 0);
}

static void name_stat(long pid)
{
	char digits[20], *to = stat_path;
	const char *from = "/proc/";
	int count = 0;

	while (*from)
		*to++ = *from++;
	for (; pid; pid /= 10)
		digits[count++] = (char)('0' + pid % 10);
	while (count)
		*to++ = digits[--count];
	for (from = "/stat"; *from; from++)
		*to++ = *from;
	*to = 0;
}

static int parent_sleeps(void)
{
	char text[256], *at = text;
	long fd = sys3(SYS_open, (long)stat_path, 0, 0);
	long got = sys3(SYS_read, fd, (long)text, sizeof(text) - 1);

	sys3(SYS_close, fd, 0, 0);
	if (got < 4)
		return 0;
	text[got] = 0;
	while (*at && *at != ')')
		at++;
	return at[0] == ')' && at[2] == 'S';
}

/* Runs in a process that shares this memory: changes it once the caller waits in the kernel. */
static void (*change)(void);

__attribute__((used)) static _Noreturn void changer(void)
{
	while (!parent_sleeps())
		sys0(SYS_sched_yield);
	change();
	for (;;)
		sys3(SYS_exit, 0, 0, 0);
}

static uint8_t changer_stack[4 * PAGE] __attribute__((aligned(16)));

static long start_changer(void (*body)(void))
{
	long result;
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;

	change = body;
	__asm__ volatile("syscall\n"
			 "	test %%rax, %%rax\n"
			 "	jnz 1f\n"
			 "	call changer\n"
			 "1:"
			 : "=a"(result)
			 : "0"(SYS_clone), "D"(CLONE_VM | SIGCHLD),
			   "S"(changer_stack + sizeof(changer_stack)), "d"(0l), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
	CHECK(result > 0);
	return result;
}

static void end_changer(long pid)
{
	int status = -1;

	CHECK(sys_wait(pid, &status) == pid && status == 0);
}

static void point_elsewhere(void)
{
	const uint64_t payload = PAYLOAD;

	vectors[0] = (struct vector){(uint64_t)(uintptr_t)&decoy, sizeof(decoy)};
	sys3(SYS_write, pipe_ends[1], (long)&payload, sizeof(payload));
}

static void read_waits(long count)
{
	long pid;

	fill_vectors(count);
	vectors[0] = (struct vector){(uint64_t)(uintptr_t)&wanted, sizeof(wanted)};
	pid = start_changer(point_elsewhere);
	CHECK(sys3(SYS_readv, pipe_ends[0], (long)vectors, count) == sizeof(wanted));
	end_changer(pid);
	CHECK(vectors[0].base == (uint64_t)(uintptr_t)&decoy);
	CHECK(wanted == PAYLOAD && decoy == 0);
}

static void drain_other(void)
{
	vectors[0] = (struct vector){(uint64_t)(uintptr_t)&decoy, sizeof(decoy)};
	sys3(SYS_read, other_ends[0], (long)drained, sizeof(drained));
}

static void write_waits(long count)
{
	uint64_t got = 0;
	long pid;

	fill_vectors(count);
	wanted = PAYLOAD;
	vectors[0] = (struct vector){(uint64_t)(uintptr_t)&wanted, sizeof(wanted)};
	write_pipe(other_ends, full, sizeof(full));
	pid = start_changer(drain_other);
	CHECK(sys3(SYS_writev, other_ends[1], (long)vectors, count) == sizeof(wanted));
	end_changer(pid);
	CHECK(vectors[0].base == (uint64_t)(uintptr_t)&decoy);
	CHECK(sys3(SYS_read, other_ends[0], (long)&got, sizeof(got)) == sizeof(got));
	CHECK(got == PAYLOAD);
}

static void watch_another(void)
{
	polled[0].fd = other_ends[0];
	polled[0].events = 0;
	sys3(SYS_write, pipe_ends[1], (long)"x", 1);
}

static void poll_waits(void)
{
	char byte;
	long pid;

	polled[0] = (struct poll_fd){pipe_ends[0], POLLIN, 0};
	polled[1] = (struct poll_fd){other_ends[0], POLLIN, 0};
	pid = start_changer(watch_another);
	CHECK(sys3(SYS_poll, (long)polled, 2, -1) == 1);
	end_changer(pid);
	CHECK(polled[0].revents == POLLIN && polled[1].revents == 0);
	CHECK(sys3(SYS_read, pipe_ends[0], (long)&byte, 1) == 1);
}

/* The set that select was given is the one that it waits for and answers for. */
static void select_another(void)
{
	fd_set[0] = 1ul << other_ends[0];
	sys3(SYS_write, pipe_ends[1], (long)"x", 1);
}

static void select_waits(void)
{
	char byte;
	long pid;

	fd_set[0] = 1ul << pipe_ends[0];
	pid = start_changer(select_another);
	CHECK(sys6(SYS_select, 64, (long)fd_set, 0, 0, 0, 0) == 1);
	end_changer(pid);
	CHECK(fd_set[0] == 1ul << pipe_ends[0]);
	CHECK(sys3(SYS_read, pipe_ends[0], (long)&byte, 1) == 1);
}

/* In and out are one structure: the new is read before the old is written. */
static void in_and_out(void)
{
	uint64_t set = 1ul << (SIGUSR1 - 1);
	struct action action = {SIG_IGN, SA_RESTORER, 0, 0};

	CHECK(sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&set, (long)&set, 8, 0, 0) == 0);
	CHECK(set == 0);
	CHECK(sys6(SYS_rt_sigprocmask, SIG_SETMASK, (long)&set, (long)&set, 8, 0, 0) == 0);
	CHECK(set == 1ul << (SIGUSR1 - 1));
	CHECK(sys6(SYS_rt_sigaction, SIGUSR1, (long)&action, (long)&action, 8, 0, 0) == 0);
	CHECK(action.handler == SIG_DFL);
	CHECK(sys6(SYS_rt_sigaction, SIGUSR1, 0, (long)&action, 8, 0, 0) == 0);
	CHECK(action.handler == SIG_IGN);
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	CHECK(sys3(SYS_pipe2, (long)pipe_ends, 0, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)other_ends, 0, 0) == 0);
	name_stat(sys0(SYS_getpid));
	own_output(FEW);
	own_output(MANY);
	read_waits(FEW);
	read_waits(MANY);
	write_waits(FEW);
	write_waits(MANY);
	poll_waits();
	select_waits();
	in_and_out();
}
