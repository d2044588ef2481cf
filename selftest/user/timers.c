/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M11-09: timers by the clock of the wall and by CPU time: when they ring, how often, what was
 * missed, what they cost their user, and that nothing of them outlives exec or exit.
 */
#include "selftest/user/again.h"
#include "selftest/user/jobs.h"
#include "selftest/user/service.h"

#define SYS_getitimer        36
#define SYS_setitimer        38
#define SYS_setrlimit        160
#define SYS_timer_create     222
#define SYS_timer_settime    223
#define SYS_timer_gettime    224
#define SYS_timer_getoverrun 225
#define SYS_timer_delete     226

#define REALTIME    0
#define MONOTONIC   1
#define PROCESS_CPU 2
#define THREAD_CPU  3

#define SIGEV_SIGNAL      0
#define SIGEV_NONE        1
#define SIGEV_THREAD_ID   4
#define TIMER_ABSTIME     1
#define RLIMIT_CPU        0
#define RLIMIT_SIGPENDING 11

#define SIGXCPU    24
#define SIGVTALRM  26
#define SIGPROF    27
#define SI_TIMER   -2
#define EOPNOTSUPP 95
#define MS         1000000l
#define LONG       (1000000 * MS) /* whatever the host does meanwhile */
#define LIMIT      3

struct event {
	uint64_t value;
	int32_t signo, notify, thread, pad[11];
};

struct times {
	int64_t interval[2], value[2];
};

static volatile int count;
static volatile struct info last;

static void on_signal(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)context;
	count++;
	last.code = info->code;
	last.pid = info->pid;
	last.uid = info->uid;
	last.value = info->value;
}

static int64_t clock_ns(int clock)
{
	int64_t now[2] = {0, 0};

	CHECK(sys3(SYS_clock_gettime, clock, (long)now, 0) == 0);
	return now[0] * 1000000000 + now[1];
}

static long create(int clock, int notify, int signo, uint64_t value)
{
	struct event event = {value, signo, notify, (int32_t)sys0(SYS_gettid), {0}};
	int32_t id = -1;
	long result = sys3(SYS_timer_create, clock, (long)&event, (long)&id);

	return result ? result : id;
}

static long start(long id, int flags, int64_t value, int64_t interval)
{
	struct times times = {{interval / 1000000000, interval % 1000000000},
			      {value / 1000000000, value % 1000000000}};

	return sys6(SYS_timer_settime, id, flags, (long)&times, 0, 0, 0);
}

static int64_t left(long id)
{
	struct times times = {{-1, -1}, {-1, -1}};

	CHECK(sys3(SYS_timer_gettime, id, (long)&times, 0) == 0);
	return times.value[0] * 1000000000 + times.value[1];
}

static void spin_until(int want)
{
	while (count < want)
		__asm__ volatile("");
}

static void sleep_until(int want)
{
	int64_t time[2] = {0, 1 * MS};

	while (count < want)
		sys3(SYS_nanosleep, (long)time, 0, 0);
}

static void by_the_wall(void)
{
	static const int clocks[] = {REALTIME, MONOTONIC, 7, 11};

	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		long id = create(clocks[i], i & 1 ? SIGEV_THREAD_ID : SIGEV_SIGNAL, SIGUSR1, 77);
		int64_t before;

		count = 0;
		CHECK(id >= 0 && left(id) == 0);
		CHECK(start(id, 0, LONG, 0) == 0 && left(id) > 0);
		before = clock_ns(clocks[i]);
		CHECK(start(id, 0, 2 * MS, 0) == 0);
		sleep_until(1);
		CHECK(clock_ns(clocks[i]) - before >= 2 * MS);
		CHECK(last.code == SI_TIMER && last.pid == id && last.uid == 0 && last.value == 77);
		CHECK(left(id) == 0 && sys3(SYS_timer_getoverrun, id, 0, 0) == 0);
		CHECK(start(id, TIMER_ABSTIME, clock_ns(clocks[i]) + MS, 0) == 0);
		sleep_until(2);
		CHECK(start(id, TIMER_ABSTIME, 1, 0) == 0);
		sleep_until(3);
		CHECK(sys3(SYS_timer_delete, id, 0, 0) == 0);
		CHECK(sys3(SYS_timer_delete, id, 0, 0) == -EINVAL);
	}
}

/* While its signal is blocked a periodic timer rests, and tells afterwards what was missed. */
static void overruns(void)
{
	long id = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	int64_t time[2] = {0, 5 * MS};
	uint64_t set = bit(SIGUSR1), pending = 0;
	struct info info;

	CHECK(mask_change(SIG_BLOCK, set, NULL) == 0);
	CHECK(start(id, 0, MS, MS) == 0);
	sys3(SYS_nanosleep, (long)time, 0, 0);
	CHECK(left(id) > 0 && left(id) <= MS);
	/* At 1 ms it went off; those of 2, 3, 4 and 5 ms were missed, if not more. */
	CHECK(sys6(SYS_rt_sigtimedwait, (long)&set, (long)&info, 0, 8, 0, 0) == SIGUSR1);
	CHECK(info.code == SI_TIMER && info.pid == id && info.uid >= 4);
	CHECK(sys3(SYS_timer_getoverrun, id, 0, 0) == info.uid);
	/* It has gone on. Stopped with its signal pending: that is taken back. */
	while (!(pending & set))
		sys3(SYS_rt_sigpending, (long)&pending, 8, 0);
	CHECK(start(id, 0, 0, 0) == 0);
	CHECK(sys3(SYS_rt_sigpending, (long)&pending, 8, 0) == 0 && !(pending & set));
	CHECK(mask_change(SIG_UNBLOCK, set, NULL) == 0);
	CHECK(sys3(SYS_timer_delete, id, 0, 0) == 0);
}

/* Ignored it goes on in peace, and is there again when it is handled again. */
static void ignored_meanwhile(void)
{
	long id = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	int64_t time[2] = {0, 2 * MS};

	CHECK(action_set(SIGUSR1, SIG_IGN, 0, 0) == 0);
	CHECK(start(id, 0, 1, 1) == 0);
	sys3(SYS_nanosleep, (long)time, 0, 0);
	CHECK(start(id, 0, MS, MS) == 0);
	sys3(SYS_nanosleep, (long)time, 0, 0);
	count = 0;
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	sleep_until(1);
	CHECK(sys3(SYS_timer_delete, id, 0, 0) == 0);
}

static void by_cpu_time(void)
{
	static const int clocks[] = {PROCESS_CPU, THREAD_CPU};

	for (unsigned i = 0; i < 2; i++) {
		int64_t before = clock_ns(clocks[i]);
		long id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 5);

		count = 0;
		CHECK(id >= 0 && start(id, 0, LONG, 0) == 0);
		CHECK(left(id) > 0 && left(id) <= LONG);
		CHECK(start(id, 0, 2 * MS, 2 * MS) == 0);
		spin_until(2);
		CHECK(clock_ns(clocks[i]) - before >= 4 * MS);
		CHECK(last.code == SI_TIMER && last.value == 5);
		CHECK(sys3(SYS_timer_delete, id, 0, 0) == 0);
	}
}

static void intervals(void)
{
	static const int signals[] = {SIGALRM, SIGVTALRM, SIGPROF};

	for (int kind = 0; kind < 3; kind++) {
		uint64_t set[4] = {0, 1000, 0, 2000}, now[4] = {9, 9, 9, 9}, off[4] = {0};
		int64_t before = clock_ns(kind ? PROCESS_CPU : MONOTONIC);

		count = 0;
		CHECK(handle(signals[kind], on_signal, SA_RESTART) == 0);
		CHECK(sys3(SYS_setitimer, kind, (long)set, 0) == 0);
		CHECK(sys3(SYS_getitimer, kind, (long)now, 0) == 0);
		CHECK(now[1] == 1000 && now[2] == 0 && now[3] <= 2000);
		spin_until(3);
		CHECK(last.code == SI_KERNEL);
		CHECK(clock_ns(kind ? PROCESS_CPU : MONOTONIC) - before >= 4 * MS);
		CHECK(sys3(SYS_setitimer, kind, (long)off, (long)now) == 0 && now[1] == 1000);
		CHECK(sys3(SYS_getitimer, kind, (long)now, 0) == 0 && now[3] == 0);
	}
	CHECK(sys3(SYS_setitimer, 3, 0, 0) == -EINVAL);
}

static void refused(void)
{
	struct times wrong = {{0, 0}, {0, 1000000000}};
	long id = create(MONOTONIC, SIGEV_NONE, 0, 0);

	CHECK(create(MONOTONIC, SIGEV_SIGNAL, 0, 0) == -EINVAL);
	CHECK(create(MONOTONIC, SIGEV_SIGNAL, 65, 0) == -EINVAL);
	CHECK(create(MONOTONIC, 3, SIGUSR1, 0) == -EINVAL);
	CHECK(create(4, SIGEV_SIGNAL, SIGUSR1, 0) == -EOPNOTSUPP);
	CHECK(create(12, SIGEV_SIGNAL, SIGUSR1, 0) == -EINVAL);
	CHECK(id >= 0 && sys6(SYS_timer_settime, id, 0, (long)&wrong, 0, 0, 0) == -EINVAL);
	CHECK(sys6(SYS_timer_settime, id, 0, 0, 0, 0, 0) == -EINVAL);
	CHECK(start(id, 0, LONG, 0) == 0 && left(id) > LONG / 10 * 9);
	CHECK(start(id + 1, 0, 0, 0) == -EINVAL);
	CHECK(sys3(SYS_timer_getoverrun, id + 1, 0, 0) == -EINVAL);
	CHECK(sys3(SYS_timer_delete, id, 0, 0) == 0);
}

/* A child has none of them; the limit counts for all processes of the user together. */
static void limited(long arg)
{
	uint64_t limit[2] = {LIMIT, LIMIT};
	long ids[LIMIT];

	(void)arg;
	sys3(SYS_setrlimit, RLIMIT_SIGPENDING, (long)limit, 0);
	for (int i = 0; i < LIMIT; i++)
		child_check((ids[i] = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0)) >= 0, 2);
	child_check(create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0) == -EAGAIN, 3);
	child_check(sys3(SYS_timer_delete, ids[1], 0, 0) == 0, 4);
	child_check((ids[1] = create(REALTIME, SIGEV_NONE, 0, 0)) >= 0, 5);
	child_check(start(ids[0], 0, 10 * MS, 10 * MS) == 0, 6);
	if (sys_fork() == 0)
		sys_exit(sys3(SYS_timer_delete, ids[0], 0, 0) == -EINVAL ? 0 : 1);
	int status = -1;
	while (sys_wait(-1, &status) == -EINTR)
		; /* by the timer */
	child_check(status == 0, 7);
}

static void spins(long arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("");
}

/* The soft limit counts seconds: what is used up already is over it at once. */
static void cpu_limit(void)
{
	uint64_t limit[2] = {0, 0};
	long pid = fork_job();

	if (!pid) {
		limit[1] = 1000;
		sys3(SYS_setrlimit, RLIMIT_CPU, (long)limit, 0);
		spins(0);
	}
	CHECK(wait_status(pid, 0) == SIGXCPU);
	pid = fork_job();
	if (!pid) {
		action_set(SIGXCPU, SIG_IGN, 0, 0);
		limit[1] = 0;
		sys3(SYS_setrlimit, RLIMIT_CPU, (long)limit, 0);
		spins(0);
	}
	CHECK(wait_status(pid, 0) == SIGKILL);
}

static void without_memory(void)
{
	struct state before = state_now(), after;
	long id, fired;

	CHECK(service(FAIL_ALLOCATION, 1) == 0);
	id = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	fired = service(END_FAILURE, 0);
	CHECK(fired == 1 && id == -EAGAIN);
	id = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
	CHECK(id >= 0 && sys3(SYS_timer_delete, id, 0, 0) == 0);
	after = state_now();
	CHECK(same_state(&before, &after));
}

/* exec stops the timers of the program before, one that has gone off as well. */
static void before_exec(const uint64_t *stack)
{
	long id = create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);

	mask_change(SIG_BLOCK, bit(SIGUSR1), NULL);
	start(id, 0, 1, 0);
	sys0(SYS_sched_yield);
	start(create(MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0), 0, MS, 0);
	again(stack, 'x');
}

static void after_exec(void)
{
	int64_t time[2] = {0, 2 * MS};
	uint64_t pending = 0;

	mask_change(SIG_SETMASK, 0, NULL);
	child_check(sys3(SYS_nanosleep, (long)time, 0, 0) == 0, 2);
	sys3(SYS_rt_sigpending, (long)&pending, 8, 0);
	child_check(pending == 0, 3);
	child_check(sys3(SYS_timer_delete, 0, 0, 0) == -EINVAL, 4);
	sys_exit(0);
}

void test_main(const uint64_t *stack)
{
	struct state before, after;
	int status = -1;

	if (again_word(stack) == 'x')
		after_exec();
	by_the_wall();
	overruns();
	ignored_meanwhile();
	by_cpu_time();
	intervals();
	refused();
	CHECK(run_child(limited, 0) == 0);
	before = state_now();
	CHECK(run_child(limited, 0) == 0);
	after = state_now();
	CHECK(same_state(&before, &after));
	cpu_limit();
	without_memory();
	if (sys_fork() == 0)
		before_exec(stack);
	CHECK(sys_wait(-1, &status) > 0 && status == 0);
}
