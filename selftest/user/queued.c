/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-09: signals with a value queue up in order, nobody can lie about who sent them, and what
 * all processes of a user hold in queues is bounded by RLIMIT_SIGPENDING.
 */
#include "selftest/user/jobs.h"
#include "selftest/user/service.h"

#define SYS_setrlimit         160
#define SYS_rt_sigqueueinfo   129
#define SYS_rt_tgsigqueueinfo 297
#define RLIMIT_SIGPENDING     11
#define SI_QUEUE              -1
#define SI_MESGQ              -3
#define E2BIG                 7
#define SOMEBODY              1000
#define LIMIT                 5
#define MANY                  40

static const struct timespec {
	int64_t seconds, nanoseconds;
} no_time;

static long queue_to(long pid, int signo, int code, uint64_t value)
{
	struct info info = {.code = code, .pid = (int32_t)sys0(SYS_getpid), .value = value};

	return sys3(SYS_rt_sigqueueinfo, pid, signo, (long)&info);
}

static long queue_self(int signo, uint64_t value)
{
	return queue_to(sys0(SYS_getpid), signo, SI_QUEUE, value);
}

static long take(uint64_t set, struct info *info)
{
	return sys6(SYS_rt_sigtimedwait, (long)&set, (long)info, (long)&no_time, 8, 0, 0);
}

static void limit_queues(uint64_t limit)
{
	uint64_t both[2] = {limit, limit};

	CHECK(sys3(SYS_setrlimit, RLIMIT_SIGPENDING, (long)both, 0) == 0);
}

/* The lowest number first, the same number in order; a standard one only once. */
static void order(void)
{
	uint64_t set = bit(SIGRT) | bit(SIGRT + 1) | bit(SIGUSR1);
	struct info info;

	CHECK(mask_change(SIG_BLOCK, set, NULL) == 0);
	for (uint64_t i = 0; i < MANY; i++) {
		CHECK(queue_self(SIGRT + 1, i) == 0 && queue_self(SIGRT, 100 + i) == 0);
		CHECK(queue_self(SIGUSR1, 200 + i) == 0);
	}
	CHECK(take(set, &info) == SIGUSR1 && info.value == 200);
	for (uint64_t i = 0; i < 2 * MANY; i++) {
		CHECK(take(set, &info) == (i < MANY ? SIGRT : SIGRT + 1));
		CHECK(info.code == SI_QUEUE && info.pid == sys0(SYS_getpid));
		CHECK(info.value == (i < MANY ? 100 + i : i - MANY));
	}
	CHECK(take(set, &info) == -EAGAIN);
}

/* What a process must not say of itself, and what it may. */
static void honest_codes(void)
{
	long pid = idle_job(), self = sys0(SYS_getpid);

	CHECK(queue_to(pid, SIGCONT, SI_USER, 0) == -EPERM);
	CHECK(queue_to(pid, SIGCONT, SI_KERNEL, 0) == -EPERM);
	CHECK(queue_to(pid, SIGCONT, SI_TKILL, 0) == -EPERM);
	CHECK(queue_to(pid, SIGCONT, SI_QUEUE, 0) == 0);
	CHECK(queue_to(pid, 0, SI_MESGQ, 0) == 0);
	CHECK(queue_to(pid, 65, SI_QUEUE, 0) == -EINVAL);
	CHECK(queue_to(self, SIGCONT, SI_USER, 0) == 0);
	CHECK(queue_to(32000, 0, SI_QUEUE, 0) == -ESRCH);
	CHECK(send(pid, SIGKILL) == 0 && sys_wait(pid, NULL) == pid);
}

static void to_one_thread(void)
{
	struct info info = {.code = SI_QUEUE, .value = 7}, got;
	long self = sys0(SYS_getpid);

	CHECK(sys6(SYS_rt_tgsigqueueinfo, self, self, SIGRT, (long)&info, 0, 0) == 0);
	CHECK(take(bit(SIGRT), &got) == SIGRT && got.value == 7);
	CHECK(sys6(SYS_rt_tgsigqueueinfo, 0, self, SIGRT, (long)&info, 0, 0) == -EINVAL);
	CHECK(sys6(SYS_rt_tgsigqueueinfo, self, -1, SIGRT, (long)&info, 0, 0) == -EINVAL);
	CHECK(sys6(SYS_rt_tgsigqueueinfo, 32000, self, SIGRT, (long)&info, 0, 0) == -ESRCH);
}

/* Behind what the kernel keeps only zeros may stand, where it does not know the code. */
static void unknown_parts(void)
{
	struct info info = {.code = -42}, got;
	long self = sys0(SYS_getpid);

	CHECK(sys3(SYS_rt_sigqueueinfo, self, SIGRT, (long)&info) == 0);
	info.raw[111] = 1;
	CHECK(sys3(SYS_rt_sigqueueinfo, self, SIGRT, (long)&info) == -E2BIG);
	info.code = SI_QUEUE;
	CHECK(sys3(SYS_rt_sigqueueinfo, self, SIGRT, (long)&info) == 0);
	CHECK(take(bit(SIGRT), &got) == SIGRT && got.code == -42);
	CHECK(take(bit(SIGRT), &got) == SIGRT && got.raw[111] == 0);
}

static int fill(void)
{
	int queued = 0;

	while (queued < MANY && queue_self(SIGRT, 0) == 0)
		queued++;
	return queued;
}

/* What the parent holds counts for its child, as they are one user; another user begins at 0. */
static void counted_for_child(long uid)
{
	child_check(uid == 0 || sys3(SYS_setresuid, uid, uid, uid) == 0, 99);
	sys_exit(fill());
}

/* Who becomes another user takes along what it holds, and leaves room behind. */
static void moves_with_its_user(long arg)
{
	(void)arg;
	limit_queues(LIMIT);
	child_check(fill() == LIMIT, 2);
	child_check(sys3(SYS_setresuid, 0, SOMEBODY, 0) == 0, 3);
	child_check(fill() == 0, 4);
	child_check(sys3(SYS_setresuid, SOMEBODY, SOMEBODY, 0) == 0, 5);
	child_check(fill() == 0, 6);
	child_check(exit_code(run_child(counted_for_child, 0)) == 0, 7);
	child_check(sys3(SYS_setresuid, 0, 0, 0) == 0, 8);
}

/* Exactly the limit; signals of kill() and standard ones come all the same. */
static void bounded(long arg)
{
	struct info info;

	(void)arg;
	limit_queues(LIMIT);
	CHECK(fill() == LIMIT && queue_self(SIGRT, 0) == -EAGAIN);
	CHECK(kill_self(SIGRT + 1) == 0 && take(bit(SIGRT + 1), &info) == SIGRT + 1);
	CHECK(info.code == SI_USER && info.pid == 0);
	CHECK(kill_self(SIGUSR1) == 0 && take(bit(SIGUSR1), &info) == SIGUSR1);
	CHECK(info.pid == sys0(SYS_getpid));
	CHECK(take(bit(SIGRT), &info) == SIGRT && fill() == 1);
	CHECK(exit_code(run_child(counted_for_child, 0)) == 0);
	CHECK(exit_code(run_child(counted_for_child, SOMEBODY)) == LIMIT);
	/* What was ignored or lost with a process is free again. */
	CHECK(action_set(SIGRT, SIG_IGN, 0, 0) == 0 && action_set(SIGRT, SIG_DFL, 0, 0) == 0);
	CHECK(fill() == LIMIT);
}

/* Without memory for it a queued signal is refused, and nothing stays behind. */
static void without_memory(void)
{
	struct state before, after;
	struct info info;
	long result, fired;

	CHECK(queue_self(SIGRT, 1) == 0);
	before = state_now();
	CHECK(service(FAIL_ALLOCATION, 1) == 0);
	result = queue_self(SIGRT, 2);
	fired = service(END_FAILURE, 0);
	CHECK(fired == 1 && result == -EAGAIN);
	CHECK(take(bit(SIGRT), &info) == SIGRT && info.value == 1);
	CHECK(take(bit(SIGRT), &info) == -EAGAIN);
	after = state_now();
	CHECK(same_state(&before, &after));
}

void test_main(const uint64_t *stack)
{
	(void)stack;
	order();
	honest_codes();
	to_one_thread();
	unknown_parts();
	CHECK(run_child(bounded, 0) == 0);
	CHECK(run_child(moves_with_its_user, 0) == 0);
	CHECK(run_child(bounded, 0) == 0);
	without_memory();
}
