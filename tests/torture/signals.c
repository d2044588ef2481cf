/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals: one's own comes at once, queued ones all come, whoever takes them. */
#include "torture.h"

#include <errno.h>

static _Thread_local volatile int own;
static uint64_t queued, taken, value_sum, value_taken;

static void on_own(int number)
{
	(void)number;
	own++;
}

static void on_queued(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	__atomic_fetch_add(&value_taken, (uint64_t)info->si_value.sival_int, __ATOMIC_RELAXED);
	__atomic_fetch_add(&taken, 1, __ATOMIC_RELEASE);
}

void signals_begin(void)
{
	struct sigaction mine = {.sa_handler = on_own, .sa_flags = SA_RESTART};
	struct sigaction all_of_us = {.sa_sigaction = on_queued,
				      .sa_flags = SA_RESTART | SA_SIGINFO};

	sigaction(SIGUSR1, &mine, NULL);
	sigaction(SIGRTMIN + 1, &all_of_us, NULL);
}

void signal_myself(struct worker *worker)
{
	int before = own;

	CHECK(worker, raise(SIGUSR1) == 0);
	CHECK(worker, own == before + 1);
}

void queue_signal(struct worker *worker)
{
	union sigval value = {.sival_int = (int)draw(worker, 1000)};

	if (sigqueue(getpid(), SIGRTMIN + 1, value)) {
		CHECK(worker, errno == EAGAIN);
		return;
	}
	__atomic_fetch_add(&value_sum, (uint64_t)value.sival_int, __ATOMIC_RELAXED);
	__atomic_fetch_add(&queued, 1, __ATOMIC_RELAXED);
}

/* By the last thread: a signal that a thread was woken for and left behind is now taken. */
void signals_end(struct worker *worker)
{
	getppid();
	CHECK(worker, taken == queued);
	CHECK(worker, value_taken == value_sum);
}
