/* SPDX-License-Identifier: BSD-2-Clause */
/* All there is of every resource: the one who takes it is refused or killed, and nobody else. */
#include <pthread.h>
#include <sys/epoll.h>
#include <time.h>

#include "user/attack/attack.h"

#define ANON       (MAP_PRIVATE | MAP_ANONYMOUS)
#define MIB        (1UL << 20)
#define TABLE_SPAN (2 * MIB) /* one page table's */

static void touch_all(int flags)
{
	for (;;) {
		char *at = mmap(NULL, MIB, PROT_READ | PROT_WRITE, flags, -1, 0);

		if (at == MAP_FAILED)
			saw_answer(-1);
		memset(at, 1, MIB);
	}
}

static void promised_memory(void)
{
	touch_all(ANON);
}

static void unpromised_memory(void)
{
	touch_all(ANON | MAP_NORESERVE);
}

static void shared_memory(void)
{
	touch_all(MAP_SHARED | MAP_ANONYMOUS);
}

/* Nothing but tables: one page of zeros in each. */
static void page_tables(void)
{
	const size_t len = 1UL << 46;
	volatile char *at = mmap(NULL, len, PROT_READ, ANON | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		saw_answer(-1);
	for (size_t i = 0; i < len; i += TABLE_SPAN)
		(void)at[i];
}

static void set_limit(int resource, rlim_t value)
{
	struct rlimit limit = {value, value};

	setrlimit(resource, &limit);
}

/* The children wait until the last one is made, and end with their parent's group. */
static void processes(void)
{
	pid_t pid;

	set_limit(RLIMIT_NPROC, 80);
	while ((pid = fork()) > 0)
		;
	if (pid == 0)
		for (;;)
			pause();
	saw_answer(-1);
}

static void *sleeper(void *arg)
{
	pause();
	return arg;
}

static void threads(void)
{
	pthread_t thread;
	int error;

	set_limit(RLIMIT_NPROC, 80);
	do
		error = pthread_create(&thread, NULL, sleeper, NULL);
	while (!error);
	errno = error;
	saw_answer(-1);
}

static void descriptors(void)
{
	set_limit(RLIMIT_NOFILE, 1000);
	while (dup(0) >= 0)
		;
	saw_answer(-1);
}

static void areas(void)
{
	char *at = mmap(NULL, 200000 * PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0);

	for (size_t i = 0; i < 100000; i++)
		if (mprotect(at + 2 * i * PAGE, PAGE, PROT_READ))
			saw_answer(-1);
}

static void pipe_buffers(void)
{
	static char bytes[65536];
	int ends[2];

	set_limit(RLIMIT_NOFILE, 4096);
	while (pipe2(ends, O_NONBLOCK) == 0)
		if (write(ends[1], bytes, sizeof(bytes)) < 0)
			break;
	saw_answer(-1);
}

static void one_pipe(void)
{
	static char bytes[4096];
	size_t taken = 0;
	int ends[2];

	if (pipe2(ends, O_NONBLOCK))
		saw_answer(-1);
	while (write(ends[1], bytes, sizeof(bytes)) > 0)
		taken += sizeof(bytes);
	saw("%s after %zu bytes", errno_name(errno), taken);
}

static void timers(void)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
	int timer;

	set_limit(RLIMIT_SIGPENDING, 500);
	while (syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) == 0)
		;
	saw_answer(-1);
}

static void pending_signals(void)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	set_limit(RLIMIT_SIGPENDING, 500);
	while (sigqueue(getpid(), SIGRTMIN + 1, (union sigval){0}) == 0)
		;
	saw_answer(-1);
}

/* Each watches the one before, as deep as it goes. */
static void epoll_chain(void)
{
	int inner = epoll_create1(0);

	for (;;) {
		struct epoll_event event = {.events = EPOLLIN};
		int outer = epoll_create1(0);

		if (outer < 0 || epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event))
			saw_answer(-1);
		inner = outer;
	}
}

static void locked_memory(void)
{
	set_limit(RLIMIT_MEMLOCK, 65536);
	char *at = mmap(NULL, MIB, PROT_READ | PROT_WRITE, ANON, -1, 0);

	saw_answer(mlock(at, MIB));
}

static void arguments(void)
{
	static char word[100000], *words[200];

	memset(word, 'a', sizeof(word) - 1);
	for (size_t i = 0; i < COUNT_OF(words) - 1; i++)
		words[i] = word;
	set_limit(RLIMIT_STACK, 8 * MIB);
	saw_answer(execve(self_path, words, words));
}

static void terminals(void)
{
	set_limit(RLIMIT_NOFILE, 1000);
	while (open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0)
		;
	saw_answer(-1);
}

#define ROW(what, function, expect, by)                               \
	{                                                             \
		"exhaustion/" what, function, expect, by, NULL, false \
	}
#define OURS(what, function, expect, by)                             \
	{                                                            \
		"exhaustion/" what, function, expect, by, "*", false \
	}

const struct attack exhaustion_attacks[] = {
	OURS("promised_memory", promised_memory, "ENOMEM", "memory is charged when mapped"),
	OURS("unpromised_memory", unpromised_memory, "SIGKILL", "the user with most memory pays"),
	OURS("shared_memory", shared_memory, "*", "memory is charged when mapped"),
	OURS("page_tables", page_tables, "SIGKILL", "the user with most memory pays"),
	ROW("processes", processes, "EAGAIN", "RLIMIT_NPROC"),
	ROW("threads", threads, "EAGAIN", "RLIMIT_NPROC"),
	ROW("descriptors", descriptors, "EMFILE", "RLIMIT_NOFILE"),
	ROW("areas", areas, "ENOMEM", "65530 areas"),
	OURS("pipe_buffers", pipe_buffers, "E*", "RLIMIT_NOFILE, memory"),
	ROW("one_pipe", one_pipe, "EAGAIN after 65536 bytes", "64 KiB a pipe"),
	ROW("timers", timers, "EAGAIN", "RLIMIT_SIGPENDING"),
	ROW("pending_signals", pending_signals, "EAGAIN", "RLIMIT_SIGPENDING"),
	ROW("epoll_chain", epoll_chain, "E*", "depth of five"),
	ROW("locked_memory", locked_memory, "E*", "RLIMIT_MEMLOCK"),
	ROW("arguments", arguments, "E2BIG", "a quarter of the stack"),
	OURS("terminals", terminals, "E*", "RLIMIT_NOFILE, 4096 numbers"),
	ATTACKS_END,
};
