/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes whose owner inherits priorities: what the word holds, and what is refused. */
#include "inheriting.h"

/* --- one thread --- */

RULE(pi_word_of_one)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", me());
	ask("again", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	ask("try", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	ask("other clock", futex(&word, LOCK_PI2, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
	ask("again", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	ask("try", futex(&word, FUTEX_TRYLOCK_PI | PRIVATE, 0, NULL));
	say_word("now", me());
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI | PRIVATE, 0, NULL));
	ask("lock", futex(&word, LOCK_PI2 | PRIVATE, 0, NULL));
	say_word("now", me());
}

RULE(pi_word_with_bits)
{
	word = FUTEX_WAITERS;
	ask("waiters only", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", me());
	word = FUTEX_OWNER_DIED;
	ask("died", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", me());
	word = FUTEX_OWNER_DIED | FUTEX_WAITERS;
	ask("both", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	say_word("now", me());
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
	word = me() | FUTEX_WAITERS;
	ask("mine", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
	word = me() | FUTEX_OWNER_DIED | FUTEX_WAITERS;
	ask("mine", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
}

RULE(pi_owner_that_is_none)
{
	word = NOBODY;
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", NOBODY);
	word = NOBODY;
	ask("try", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	say_word("now", NOBODY);
	word = FUTEX_TID_MASK;
	ask("largest", futex(&word, LOCK_PI2, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	word = (uint32_t)getppid();
	ask("not mine", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	ask("parent's", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	say_word("now", (uint32_t)getppid());
}

RULE(pi_bad_addresses)
{
	static const int ops[] = {FUTEX_LOCK_PI, FUTEX_TRYLOCK_PI, FUTEX_UNLOCK_PI, LOCK_PI2};
	word_t *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	word_t *fresh =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < 8; i++) {
		int op = ops[i / 2] | (i & 1 ? PRIVATE : 0);

		ask("null", futex(NULL, op, 0, NULL));
		ask("odd", futex((word_t *)((char *)&word + 2), op, 0, NULL));
		ask("for reading", futex(page, op, 0, NULL));
		ask("far", futex((word_t *)0x7ffffffff000ull, op, 0, NULL));
	}
	ask("not touched", futex(fresh, FUTEX_LOCK_PI, 0, NULL));
}

RULE(pi_bad_times)
{
	struct timespec negative = {-1, 0}, much = {0, 1000000000}, zero = {0, 0};

	word = (uint32_t)getppid();
	ask("negative", futex(&word, FUTEX_LOCK_PI, 0, &negative));
	ask("much", futex(&word, LOCK_PI2, 0, &much));
	ask("nowhere", futex(&word, FUTEX_LOCK_PI, 0, (void *)1));
	say_word("now", (uint32_t)getppid());
	ask("not looked at", futex(&word, FUTEX_TRYLOCK_PI, 0, &much));
	ask("not looked at", futex(&word, FUTEX_UNLOCK_PI, 0, &much));
	ask("zero", futex(&word, FUTEX_LOCK_PI, 0, &zero));
	ask("zero", futex(&word, LOCK_PI2, 0, &zero));
	ask("zero", futex(&word, LOCK_PI2 | REALTIME, 0, &zero));
	say_word("now", (uint32_t)getppid());
}

RULE(pi_and_the_clock_flag)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI | REALTIME, 0, NULL));
	ask("try", futex(&word, FUTEX_TRYLOCK_PI | REALTIME, 0, NULL));
	ask("lock 2", futex(&word, LOCK_PI2 | REALTIME, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI | REALTIME, 0, NULL));
	say_word("now", me());
}

/* --- two --- */

RULE(pi_handed_over)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start_asleep(&workers[0], visits, FUTEX_LOCK_PI);
	say_word("waited for", me());
	unlock_for(&workers[0], 0);
	say_word("free", me());
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
}

RULE(pi_handed_over_in_private)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI | PRIVATE, 0, NULL));
	start_asleep(&workers[0], visits, LOCK_PI2 | PRIVATE);
	ask("other kind", futex(&word, FUTEX_WAKE, 1, NULL));
	unlock_for(&workers[0], PRIVATE);
	say_word("now", workers[0].number);
}

RULE(pi_tried_by_another)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start(&workers[0], calls, FUTEX_TRYLOCK_PI);
	say_result("try", &workers[0]);
	say_word("now", me());
	start(&workers[0], calls, FUTEX_UNLOCK_PI);
	say_result("unlock", &workers[0]);
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
}

RULE(pi_times_out)
{
	static const int ops[] = {FUTEX_LOCK_PI, LOCK_PI2, LOCK_PI2 | REALTIME};

	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	for (int i = 0; i < 3; i++) {
		struct timespec time = from_now(i == 1 ? CLOCK_MONOTONIC : CLOCK_REALTIME, 20);

		workers[0].time = &time;
		start(&workers[0], calls, ops[i]);
		say_result("late", &workers[0]);
		say_word("now", me());
	}
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
}

static volatile int handled;

static void on_signal(int number)
{
	(void)number;
	handled++;
}

/* Whatever the handler says, the call goes on. */
RULE(pi_goes_on_behind_signals)
{
	struct timespec far = from_now(CLOCK_REALTIME, FAR * 1000l);

	for (int i = 0; i < 4; i++) {
		struct sigaction action = {.sa_handler = on_signal,
					   .sa_flags = i & 1 ? SA_RESTART : 0};

		sigaction(SIGUSR1, &action, NULL);
		workers[0].time = i & 2 ? &far : NULL;
		handled = 0;
		ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
		start_asleep(&workers[0], visits, FUTEX_LOCK_PI);
		pthread_kill(workers[0].thread, SIGUSR1);
		while (!handled)
			usleep(1000);
		wait_until_thread_sleeps(workers[0].number);
		unlock_for(&workers[0], 0);
		say("handled=%d", handled);
	}
}

/* --- words of two kinds --- */

static void waits_plainly(struct worker *worker)
{
	errno = 0;
	worker->result = futex(&word, FUTEX_WAIT, word, NULL);
	worker->error = errno;
}

RULE(pi_among_plain_sleepers)
{
	word = me();
	start_asleep(&workers[0], waits_plainly, 0);
	start(&workers[1], calls, FUTEX_LOCK_PI);
	say_result("lock", &workers[1]);
	start(&workers[1], calls, FUTEX_TRYLOCK_PI);
	say_result("try", &workers[1]);
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
	ask("wake", futex(&word, FUTEX_WAKE, 1, NULL));
	say_result("woken", &workers[0]);
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
}

RULE(pi_sleepers_are_not_woken)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start_asleep(&workers[0], visits, FUTEX_LOCK_PI);
	ask("wake", futex(&word, FUTEX_WAKE, 1, NULL));
	ask("bits", syscall(SYS_futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 2));
	ask("requeue", syscall(SYS_futex, &word, FUTEX_REQUEUE, 0, 1, &other, 0));
	ask("compare", syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 1, 1, &other, word));
	ask("wake-op", syscall(SYS_futex, &word, FUTEX_WAKE_OP, 1, 1, &other, 0));
	ask("second", syscall(SYS_futex, &other, FUTEX_WAKE_OP, 1, 1, &word, 1u << 28));
	say_word("now", me());
	unlock_for(&workers[0], 0);
}

/* A program that changes the word behind the kernel's back. */
RULE(pi_words_that_lie)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start_asleep(&workers[0], visits, FUTEX_LOCK_PI);
	word = (uint32_t)getppid() | FUTEX_WAITERS;
	ask("other owner", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	ask("other owner", futex(&word, FUTEX_TRYLOCK_PI, 0, NULL));
	word = FUTEX_WAITERS;
	ask("no owner", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	word = workers[0].number | FUTEX_WAITERS;
	start(&workers[1], calls, FUTEX_UNLOCK_PI);
	say_result("somebody", &workers[1]);
	word = me();
	unlock_for(&workers[0], 0);
	say_word("now", me());
}
