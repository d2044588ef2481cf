/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M13-11: whoever takes all that he can get stays inside each of his budgets, and is told so;
 * another user has as much as ever meanwhile.
 */
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

#define SYS_dup             32
#define SYS_setuid          105
#define SYS_mlock           149
#define SYS_setrlimit       160
#define SYS_timer_create    222
#define SYS_rt_sigqueueinfo 129

#define RLIMIT_NPROC      6
#define RLIMIT_NOFILE     7
#define RLIMIT_MEMLOCK    8
#define RLIMIT_AS         9
#define RLIMIT_SIGPENDING 11

#define EMFILE     24
#define O_NONBLOCK 04000
#define SI_QUEUE   -1
#define MONOTONIC  1

#define HOG        4711
#define NEIGHBOUR  4712
#define BUDGET     12
#define HALF       (BUDGET / 2)
#define HARD       100
#define MEMORY     8
#define FILES      40
#define PIPE_BYTES 65536
#define MIB        (1ul << 20)

/* What the hog has lives for one pipe; by another it tells that all is taken. */
static int life[2], full[2], hose[2];
static struct thread threads[BUDGET];
static long last_descriptor;

static void limit(int resource, uint64_t value)
{
	uint64_t both[2] = {value, HARD};

	child_check(sys3(SYS_setrlimit, resource, (long)both, 0) == 0, 100);
}

/* How often @take succeeds before it answers @refusal; it is not asked for ever. */
static long taken(long (*take)(long), long refusal)
{
	long count = 0, answer;

	while ((answer = take(count)) >= 0 && count < HARD)
		count++;
	child_check(answer == refusal, 101);
	return count;
}

static void await_end(long arg)
{
	char byte;

	(void)arg;
	sys3(SYS_read, life[0], (long)&byte, 1);
}

static long take_process(long nth)
{
	long pid = sys_fork();

	(void)nth;
	if (pid == 0) {
		/* If the hog ends now, its end is seen. */
		sys3(SYS_close, full[1], 0, 0);
		await_end(0);
		sys_exit(0);
	}
	return pid;
}

static long take_thread(long nth)
{
	return thread_start(&threads[nth % BUDGET], await_end, 0);
}

static long take_memory(long nth)
{
	(void)nth;
	return (long)sys_mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

static long take_descriptor(long nth)
{
	long fd = sys3(SYS_dup, 0, 0, 0);

	(void)nth;
	if (fd >= 0)
		last_descriptor = fd;
	return fd;
}

static long take_signal(long nth)
{
	struct info info = {.code = SI_QUEUE, .value = (uint64_t)nth};

	info.pid = (int32_t)sys0(SYS_getpid);
	return sys3(SYS_rt_sigqueueinfo, info.pid, SIGRT, (long)&info);
}

static long take_timer(long nth)
{
	int id;

	(void)nth;
	return sys3(SYS_timer_create, MONOTONIC, 0, (long)&id);
}

static long take_pipe_page(long nth)
{
	static char page[PAGE];

	(void)nth;
	return sys3(SYS_write, hose[1], (long)page, sizeof(page));
}

static long lock_two_pages(void)
{
	return sys3(SYS_mlock, (long)threads, 2 * PAGE, 0);
}

static void become(long user)
{
	limit(RLIMIT_NPROC, HALF);
	limit(RLIMIT_SIGPENDING, HALF);
	limit(RLIMIT_NOFILE, FILES);
	child_check(mask_change(SIG_BLOCK, bit(SIGRT), NULL) == 0, 102);
	child_check(sys3(SYS_setuid, user, 0, 0) == 0, 103);
}

/* Processes and threads have one budget, signals and timers another. */
static void take_all(long arg)
{
	uint64_t memory[2] = {MEMORY * MIB, MEMORY * MIB}, locked[2] = {PAGE, PAGE};

	(void)arg;
	become(HOG);
	child_check(taken(take_process, -EAGAIN) == HALF - 1, 1);
	limit(RLIMIT_NPROC, BUDGET);
	child_check(taken(take_thread, -EAGAIN) == BUDGET - HALF, 2);
	child_check(taken(take_signal, -EAGAIN) == HALF, 3);
	limit(RLIMIT_SIGPENDING, BUDGET);
	child_check(taken(take_timer, -EAGAIN) == BUDGET - HALF, 4);
	child_check(sys3(SYS_setrlimit, RLIMIT_MEMLOCK, (long)locked, 0) == 0, 5);
	child_check(lock_two_pages() == -ENOMEM, 6);
	child_check(sys3(SYS_setrlimit, RLIMIT_AS, (long)memory, 0) == 0, 7);
	child_check(taken(take_memory, -ENOMEM) < MEMORY, 8);
	child_check(taken(take_pipe_page, -EAGAIN) == PIPE_BYTES / PAGE, 9);
	taken(take_descriptor, -EMFILE);
	child_check(last_descriptor == FILES - 1, 10);
	child_check(sys3(SYS_write, full[1], (long)"", 1) == 1, 11);
	await_end(0);
}

/* All of them his processes: another one of the same user gets nothing more. */
static void come_late(long arg)
{
	(void)arg;
	become(HOG);
	child_check(take_process(0) == -EAGAIN, 20);
	child_check(take_signal(0) == -EAGAIN, 21);
	child_check(take_timer(0) == -EAGAIN, 22);
}

static void do_nothing(long arg)
{
	(void)arg;
}

static void go_on(long user)
{
	become(user);
	child_check(run_child(do_nothing, 0) == 0, 30);
	child_check(take_signal(0) == 0 && take_timer(0) == 0, 31);
	child_check(take_descriptor(0) > 0, 32);
	child_check(take_memory(0) > 0 && lock_two_pages() == 0, 33);
}

void test_main(const uint64_t *stack)
{
	char byte;
	long hog;

	(void)stack;
	CHECK(sys3(SYS_pipe2, (long)life, 0, 0) == 0 && sys3(SYS_pipe2, (long)full, 0, 0) == 0);
	CHECK(sys3(SYS_pipe2, (long)hose, O_NONBLOCK, 0) == 0);
	hog = sys_fork();
	if (hog == 0) {
		sys3(SYS_close, life[1], 0, 0);
		take_all(0);
		sys_exit(0);
	}
	CHECK(sys3(SYS_close, full[1], 0, 0) == 0);
	CHECK(sys3(SYS_read, full[0], (long)&byte, 1) == 1);
	CHECK(run_child(come_late, 0) == 0);
	CHECK(run_child(go_on, NEIGHBOUR) == 0);
	CHECK(sys3(SYS_close, life[1], 0, 0) == 0);
	int status = -1;
	CHECK(sys_wait(hog, &status) == hog && status == 0);
	CHECK(run_child(go_on, HOG) == 0);
}
