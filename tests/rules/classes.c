/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling classes: what can be set and is told, by whom, what children and programs inherit. */
#include "classes.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

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
	struct sched_param param = {0};

	syscall(SYS_sched_getparam, 0, &param); /* musl's function is none */
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
