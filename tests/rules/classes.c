/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling classes: what can be set and is told, by whom, what children and programs inherit, and
 * the order of real-time threads on one CPU. Nothing is timed: where order is said, one CPU runs
 * all.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "rules.h"

#define DEADLINE    6
#define FIFO        SCHED_FIFO
#define RR          SCHED_RR
#define RESET_FLAG  1
#define KEEP_POLICY 8
#define KEEP_PARAMS 16
#define NOBODY      999999
#define SOMEBODY    54321
#define MS          1000000ull
#define RTTIME      15

struct attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
	uint64_t unknown[2];
};

static long policy_set(int pid, int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setscheduler, pid, policy, &param);
}

static long policy_get(void)
{
	return syscall(SYS_sched_getscheduler, 0);
}

static long param_set(int priority)
{
	struct sched_param param = {.sched_priority = priority};

	return syscall(SYS_sched_setparam, 0, &param);
}

static void say_param(void)
{
	struct sched_param param = {.sched_priority = -1};

	syscall(SYS_sched_getparam, 0, &param);
	say("priority=%d", param.sched_priority);
}

static long attr_set(struct attr *attr)
{
	return syscall(SYS_sched_setattr, 0, attr, 0);
}

static long set(uint32_t policy, uint32_t priority, uint64_t flags)
{
	struct attr attr = {.size = 48, .policy = policy, .priority = priority, .flags = flags};

	return attr_set(&attr);
}

static long budget(uint64_t runtime, uint64_t deadline, uint64_t period)
{
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .runtime = runtime,
			    .deadline = deadline,
			    .period = period};

	return attr_set(&attr);
}

/* A runtime of other classes is Linux's slice. */
static void say_attr(const char *what)
{
	struct attr now = {0};
	long result = syscall(SYS_sched_getattr, 0, &now, 48, 0);

	if (result) {
		ask(what, result);
		return;
	}
	say("%s: size=%u policy=%u flags=%lu nice=%d priority=%u", what, now.size, now.policy,
	    (unsigned long)now.flags, now.nice, now.priority);
	if (now.policy == DEADLINE)
		say("runtime=%lu deadline=%lu period=%lu", (unsigned long)now.runtime,
		    (unsigned long)now.deadline, (unsigned long)now.period);
}

static void one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		say("no affinity");
}

RULE(class_ranges)
{
	for (int policy = -1; policy < 7; policy++)
		say("%d: %d-%d", policy, sched_get_priority_min(policy),
		    sched_get_priority_max(policy));
	errno = 0;
	ask("unknown", sched_get_priority_max(77));
}

RULE(class_and_priority_together)
{
	static const int priorities[] = {-1, 0, 1, 50, 99, 100};

	for (int policy = 0; policy < 8; policy++)
		for (unsigned i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
			ask("set", policy_set(0, policy, priorities[i]));
	ask("now", policy_get());
}

RULE(class_of_whom)
{
	ask("nobody", policy_set(NOBODY, FIFO, 1));
	ask("negative", policy_set(-1, FIFO, 1));
	ask("negative class", policy_set(0, -1, 0));
	ask("no parameter", syscall(SYS_sched_setscheduler, 0, 0, NULL));
	ask("bad parameter", syscall(SYS_sched_setscheduler, 0, 0, (void *)1));
	ask("bad class first", syscall(SYS_sched_setscheduler, 0, 77, (void *)1));
	ask("get nobody", syscall(SYS_sched_getscheduler, NOBODY));
	ask("get negative", syscall(SYS_sched_getscheduler, -2));
	ask("param of nobody", syscall(SYS_sched_getparam, NOBODY, &(struct sched_param){0}));
	ask("param to nowhere", syscall(SYS_sched_getparam, 0, NULL));
	ask("param to 1", syscall(SYS_sched_getparam, 0, (void *)1));
}

RULE(class_is_told)
{
	ask("fifo", policy_set(0, FIFO, 7));
	ask("is", policy_get());
	say_param();
	ask("param", param_set(9));
	say_param();
	ask("too much", param_set(100));
	ask("too little", param_set(0));
	ask("rr", policy_set(0, RR | SCHED_RESET_ON_FORK, 3));
	ask("is", policy_get());
	ask("param keeps the flag", param_set(4));
	ask("is", policy_get());
	ask("other", policy_set(0, SCHED_OTHER, 0));
	say_param();
}

RULE(class_intervals)
{
	struct timespec time = {-1, -1};

	policy_set(0, FIFO, 1);
	ask("fifo", syscall(SYS_sched_rr_get_interval, 0, &time));
	say("%ld.%ld", (long)time.tv_sec, time.tv_nsec);
	policy_set(0, RR, 1);
	ask("rr", syscall(SYS_sched_rr_get_interval, 0, &time));
	say("some=%d", time.tv_sec == 0 && time.tv_nsec > 0);
	ask("deadline", budget(MS, 10 * MS, 10 * MS));
	ask("its", syscall(SYS_sched_rr_get_interval, 0, &time));
	say("%ld.%ld", (long)time.tv_sec, time.tv_nsec);
	ask("nobody", syscall(SYS_sched_rr_get_interval, NOBODY, &time));
	ask("negative", syscall(SYS_sched_rr_get_interval, -1, &time));
	ask("nowhere", syscall(SYS_sched_rr_get_interval, 0, NULL));
}

RULE(attributes_are_told)
{
	struct attr attr = {.size = 48, .policy = SCHED_BATCH, .nice = 5};

	say_attr("at first");
	ask("fifo", set(FIFO, 12, RESET_FLAG));
	say_attr("now");
	ask("batch", attr_set(&attr));
	say_attr("now");
	say("nice=%d", getpriority(PRIO_PROCESS, 0));
	attr.nice = 100;
	ask("nice 100", attr_set(&attr));
	say_attr("now");
	attr.policy = SCHED_IDLE;
	attr.nice = 3;
	ask("idle", attr_set(&attr));
	say_attr("now");
	ask("with a priority", set(SCHED_OTHER, 1, 0));
	ask("fifo without", set(FIFO, 0, 0));
	ask("priority 100", set(FIFO, 100, 0));
	ask("huge priority", set(FIFO, 0xffffffff, 0));
}

RULE(attributes_that_are_kept)
{
	ask("fifo", set(FIFO, 12, 0));
	ask("keep the class", set(SCHED_OTHER, 20, KEEP_POLICY));
	say_attr("now");
	ask("keep what belongs to it", set(FIFO, 1, KEEP_PARAMS));
	say_attr("now");
	ask("keep both, reset", set(SCHED_OTHER, 0, KEEP_PARAMS | KEEP_POLICY | RESET_FLAG));
	say_attr("now");
	ask("keep the parameters, reset", set(FIFO, 0, KEEP_PARAMS | RESET_FLAG));
	say_attr("now");
	ask("wrong with it", set(SCHED_OTHER, 0, KEEP_PARAMS));
}

RULE(attributes_refused)
{
	struct attr attr = {.size = 48};

	ask("no structure", syscall(SYS_sched_setattr, 0, NULL, 0));
	ask("flags", syscall(SYS_sched_setattr, 0, &attr, 1));
	ask("negative", syscall(SYS_sched_setattr, -1, &attr, 0));
	ask("nobody", syscall(SYS_sched_setattr, NOBODY, &attr, 0));
	ask("bad address", syscall(SYS_sched_setattr, 0, (void *)1, 0));
	ask("class -1", set(0xffffffff, 0, 0));
	ask("class 4", set(4, 0, 0));
	ask("class with the old flag", set(SCHED_RESET_ON_FORK, 0, 0));
	ask("unknown flag", set(0, 0, 0x80));
	ask("unknown high flag", set(0, 0, 1ull << 40));
	ask("get: no structure", syscall(SYS_sched_getattr, 0, NULL, 48, 0));
	ask("get: flags", syscall(SYS_sched_getattr, 0, &attr, 48, 1));
	ask("get: short", syscall(SYS_sched_getattr, 0, &attr, 47, 0));
	ask("get: long", syscall(SYS_sched_getattr, 0, &attr, 4097, 0));
	ask("get: nobody", syscall(SYS_sched_getattr, NOBODY, &attr, 48, 0));
	ask("get: negative", syscall(SYS_sched_getattr, -1, &attr, 48, 0));
	ask("get: bad address", syscall(SYS_sched_getattr, 0, (void *)1, 48, 0));
}

RULE(attributes_that_grow)
{
	static const uint32_t sizes[] = {0, 1, 47, 48, 56, 64, 72, 4096, 4097};
	static union {
		struct attr attr;
		char room[8192];
	} all;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		all.attr = (struct attr){.size = sizes[i]};
		say("%u", sizes[i]);
		ask("set", attr_set(&all.attr));
		say("size=%u", all.attr.size == sizes[i] ? 0 : all.attr.size);
	}
	all.attr = (struct attr){.size = 72, .unknown = {0, 1}};
	ask("unknown", attr_set(&all.attr));
	say("size=%u", all.attr.size);
}

RULE(budgets_that_do_not_fit_together)
{
	ask("none", budget(0, 0, 0));
	ask("no deadline", budget(MS, 0, 0));
	ask("no runtime", budget(0, 10 * MS, 10 * MS));
	ask("too small", budget(1023, 100000, 100000));
	ask("just enough", budget(1024, 100000, 100000));
	ask("more than the deadline", budget(11 * MS, 10 * MS, 20 * MS));
	ask("deadline behind the period", budget(MS, 20 * MS, 10 * MS));
	ask("deadline before the period", budget(MS, 5 * MS, 10 * MS));
	say_attr("now");
	ask("no period", budget(MS, 10 * MS, 0));
	say_attr("now");
	ask("short period", budget(1024, 99999, 99999));
	ask("shortest", budget(1024, 100000, 100000));
	ask("longest", budget(900 * MS, 4194304000ull, 4194304000ull));
	ask("longer", budget(900 * MS, 4194304001ull, 4194304001ull));
	ask("negative", budget(900 * MS, 1ull << 63, 1ull << 63));
	ask("without attributes", policy_set(0, DEADLINE, 0));
	ask("parameters of it", param_set(0));
	ask("back", policy_set(0, SCHED_OTHER, 0));
	say_attr("now");
}

RULE(budgets_and_priorities)
{
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .priority = 1,
			    .runtime = MS,
			    .deadline = 10 * MS,
			    .period = 10 * MS};

	ask("with a priority", attr_set(&attr));
	attr.priority = 0;
	attr.nice = 7;
	ask("with a nice value", attr_set(&attr));
	say_attr("now");
	ask("its own nice", setpriority(PRIO_PROCESS, 0, 5));
	say("nice=%d", getpriority(PRIO_PROCESS, 0));
	say_attr("now");
	say_param();
	ask("to fifo", set(FIFO, 3, 0));
	say_attr("now");
	ask("to other", policy_set(0, SCHED_OTHER, 0));
	say_attr("now");
}

RULE(budgets_have_no_children)
{
	pid_t pid;

	ask("set", budget(MS, 10 * MS, 10 * MS));
	pid = fork();
	if (pid == 0)
		_exit(0);
	ask("fork", pid);
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .flags = RESET_FLAG,
			    .runtime = MS,
			    .deadline = 10 * MS,
			    .period = 10 * MS};

	ask("with reset", attr_set(&attr));
	pid = fork();
	if (pid == 0) {
		say_attr("child");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say_attr("parent");
}

RULE(budgets_run_everywhere)
{
	cpu_set_t all, none;

	CPU_ZERO(&none);
	sched_getaffinity(0, sizeof(all), &all);
	ask("set", budget(MS, 10 * MS, 10 * MS));
	ask("the same", sched_setaffinity(0, sizeof(all), &all));
	ask("no CPU", sched_setaffinity(0, sizeof(none), &none));
	ask("yield", sched_yield());
	say_attr("now");
}

static void as_somebody(void)
{
	if (setresuid(SOMEBODY, SOMEBODY, SOMEBODY))
		say("no user");
	ask("fifo", policy_set(0, FIFO, 1));
	ask("rr", policy_set(0, RR, 1));
	ask("budget", budget(MS, 10 * MS, 10 * MS));
	ask("bad budget", budget(0, 10 * MS, 10 * MS));
	ask("batch", policy_set(0, SCHED_BATCH, 0));
	ask("parent", policy_set(getppid(), SCHED_BATCH, 0));
	ask("parent's", syscall(SYS_sched_getscheduler, getppid()));
	ask("nicer", set(SCHED_OTHER, 0, 0));
	struct attr attr = {.size = 48, .nice = 5};

	ask("nice 5", attr_set(&attr));
	attr.nice = 4;
	ask("nice 4", attr_set(&attr));
	ask("reset", policy_set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
	ask("no reset", policy_set(0, SCHED_OTHER, 0));
	ask("idle", policy_set(0, SCHED_IDLE | SCHED_RESET_ON_FORK, 0));
	ask("back", policy_set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0));
	say_attr("now");
}

RULE(classes_of_somebody)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_RTPRIO, &none);
	setrlimit(RLIMIT_NICE, &none);
	in_child(as_somebody);
}

static void keeps_realtime(void)
{
	const struct rlimit none = {0, 0};

	policy_set(0, FIFO, 10);
	setrlimit(RLIMIT_RTPRIO, &none);
	if (setresuid(SOMEBODY, SOMEBODY, SOMEBODY))
		say("no user");
	ask("same", policy_set(0, FIFO, 10));
	ask("lower", param_set(5));
	ask("higher again", param_set(6));
	ask("other class", policy_set(0, RR, 5));
	ask("leave", policy_set(0, SCHED_OTHER, 0));
	ask("return", policy_set(0, FIFO, 1));
}

RULE(classes_given_up)
{
	in_child(keeps_realtime);
}

static void say_class(void)
{
	struct sched_param param;

	sched_getparam(0, &param);
	say("class=%ld priority=%d nice=%d", policy_get(), param.sched_priority,
	    getpriority(PRIO_PROCESS, 0));
}

RULE(classes_of_children)
{
	setpriority(PRIO_PROCESS, 0, -3);
	policy_set(0, RR, 20);
	in_child(say_class);
	policy_set(0, RR | SCHED_RESET_ON_FORK, 20);
	in_child(say_class);
	policy_set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0);
	in_child(say_class);
	setpriority(PRIO_PROCESS, 0, 4);
	in_child(say_class);
	policy_set(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0);
	in_child(say_class);
	say_class();
}

static void *thread_says(void *unused)
{
	say_class();
	return unused;
}

RULE(classes_of_threads)
{
	pthread_t thread;

	policy_set(0, FIFO, 6);
	pthread_create(&thread, NULL, thread_says, NULL);
	pthread_join(thread, NULL);
	policy_set(0, FIFO | SCHED_RESET_ON_FORK, 6);
	pthread_create(&thread, NULL, thread_says, NULL);
	pthread_join(thread, NULL);
}

/* A program of its own, which waits for the end of its input. */
RULE(classes_of_programs)
{
	int ends[2], status;
	pid_t pid;

	policy_set(0, FIFO | SCHED_RESET_ON_FORK, 6);
	if (pipe(ends))
		return;
	pid = fork();
	if (pid == 0) {
		policy_set(0, RR | SCHED_RESET_ON_FORK, 8);
		dup2(ends[0], 0);
		close(ends[0]);
		close(ends[1]);
		execl("/bin/busybox", "cat", NULL);
		execl("/bin/cat", "cat", NULL);
		_exit(1);
	}
	close(ends[0]);
	wait_until_asleep(pid);
	ask("class", syscall(SYS_sched_getscheduler, pid));
	close(ends[1]);
	waitpid(pid, &status, 0);
	say_status("ended", status);
}

/* --- the order on one CPU: who writes when --- */

static volatile int *order, *next;

static void note(int who)
{
	order[(*next)++] = who;
}

static void say_order(void)
{
	for (int i = 0; i < *next; i++)
		say("%d", order[i]);
}

/* Everything that follows runs on one CPU, and this process before all others. */
static void begin_order(void)
{
	order = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	next = order + 1000;
	one_cpu();
	if (policy_set(0, FIFO, 90))
		say("no class");
}

static pid_t starts(int who, int policy, int priority, int yields)
{
	pid_t pid = fork();

	if (pid == 0) {
		policy_set(0, policy, priority);
		for (int i = 0; i <= yields; i++) {
			note(who);
			if (i < yields)
				sched_yield();
		}
		_exit(0);
	}
	return pid;
}

static void await_all(void)
{
	while (wait(NULL) > 0)
		;
	say_order();
}

RULE(order_of_priorities)
{
	static const int priorities[] = {10, 30, 20, 30, 5, 89};

	begin_order();
	for (int i = 0; i < 6; i++) {
		pid_t pid = starts(i, FIFO, 90, 0);

		policy_set(pid, FIFO, priorities[i]);
	}
	note(-1);
	await_all();
}

static void *notes_and_yields(void *who)
{
	for (int i = 0; i < 3; i++) {
		note((int)(intptr_t)who);
		sched_yield();
	}
	return NULL;
}

/* Threads inherit the class and the CPU: equals, which pass turns on by yields. */
RULE(order_of_yields)
{
	pthread_t threads[3];

	begin_order();
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, notes_and_yields, (void *)(intptr_t)i);
	note(-1);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	say_order();
}

/* Who makes himself worse than one that waits gives way at once; better, he takes over. */
RULE(order_by_changes)
{
	pid_t pid;

	begin_order();
	pid = fork();
	if (pid == 0) {
		note(1);
		policy_set(0, FIFO, 10);
		note(2);
		_exit(0);
	}
	note(0);
	policy_set(0, FIFO, 50);
	note(3);
	policy_set(0, FIFO, 5);
	note(4);
	await_all();
}

/* A lower one is woken and waits; a higher one runs within the write. */
RULE(order_of_wakes)
{
	static const int priorities[] = {80, 95};

	begin_order();
	for (int i = 0; i < 2; i++) {
		char byte = 0;
		int ends[2];
		pid_t pid;

		if (pipe(ends))
			return;
		pid = fork();
		if (pid == 0) {
			policy_set(0, FIFO, priorities[i]);
			if (read(ends[0], &byte, 1) == 1)
				note(10 + i);
			_exit(0);
		}
		wait_until_asleep(pid);
		note(i);
		if (write(ends[1], &byte, 1) != 1)
			return;
		note(20 + i);
		waitpid(pid, NULL, 0);
	}
	say_order();
}

/* An ordinary one waits for all that are real-time, however late they come. */
RULE(order_beside_ordinary)
{
	begin_order();
	starts(7, SCHED_OTHER, 0, 0);
	starts(1, FIFO, 1, 2);
	note(0);
	await_all();
}

/* --- RLIMIT_RTTIME --- */

static volatile sig_atomic_t limits;

static void on_limit(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (!limits++)
		say("code=%d", info->si_code);
}

static void spins_until_limit(void)
{
	struct sigaction action = {.sa_sigaction = on_limit, .sa_flags = SA_SIGINFO};
	struct rlimit limit = {20000, 3000000};

	sigaction(SIGXCPU, &action, NULL);
	ask("limit", setrlimit(RTTIME, &limit));
	policy_set(0, FIFO, 10);
	while (!limits)
		sched_yield();
	getrlimit(RTTIME, &limit);
	say("now=%lu of %lu", (unsigned long)limit.rlim_cur, (unsigned long)limit.rlim_max);
}

static void spins_for_ever(void)
{
	struct rlimit limit = {20000, 20000};

	setrlimit(RTTIME, &limit);
	policy_set(0, RR, 10);
	for (;;)
		;
}

static void spins_by_default(void)
{
	struct rlimit limit = {20000, RLIM_INFINITY};

	setrlimit(RTTIME, &limit);
	policy_set(0, FIFO, 10);
	for (;;)
		sched_yield();
}

RULE(unbroken_time_ends)
{
	say_status("signal", in_child(spins_until_limit));
	say_status("killed", in_child(spins_for_ever));
	say_status("by default", in_child(spins_by_default));
}
