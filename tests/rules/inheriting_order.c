/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes whose owner inherits: circles, who is next, who runs, and the C library's mutexes. */
#include "inheriting.h"

/* --- circles --- */

static void holds_both(struct worker *worker)
{
	futex(&other, FUTEX_LOCK_PI, 0, NULL);
	calls(worker);
	futex(&word, FUTEX_UNLOCK_PI, 0, NULL);
	futex(&other, FUTEX_UNLOCK_PI, 0, NULL);
}

RULE(pi_circle_of_two)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start_asleep(&workers[0], holds_both, FUTEX_LOCK_PI);
	ask("circle", futex(&other, FUTEX_LOCK_PI, 0, NULL));
	ask("try", futex(&other, FUTEX_TRYLOCK_PI, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_result("the other", &workers[0]);
	ask("then", futex(&other, FUTEX_TRYLOCK_PI, 0, NULL));
}

static word_t third;

static void holds_third(struct worker *worker)
{
	futex(&third, FUTEX_LOCK_PI, 0, NULL);
	worker->result = futex(&other, FUTEX_LOCK_PI, 0, NULL);
	futex(&other, FUTEX_UNLOCK_PI, 0, NULL);
	futex(&third, FUTEX_UNLOCK_PI, 0, NULL);
}

RULE(pi_circle_of_three)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	start_asleep(&workers[0], holds_both, FUTEX_LOCK_PI);
	start_asleep(&workers[1], holds_third, 0);
	ask("circle", futex(&third, LOCK_PI2, 0, NULL));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_result("second", &workers[0]);
	say_result("third", &workers[1]);
}

/* --- order --- */

static volatile int order[16], next;

static void notes_itself(struct worker *worker)
{
	calls(worker);
	order[next++] = worker->priority;
	futex(&word, FUTEX_UNLOCK_PI, 0, NULL);
}

static void wait_in_order(const int *priorities, int change)
{
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	for (int i = 0; i < THREADS; i++) {
		workers[i].priority = priorities[i];
		start_asleep(&workers[i], notes_itself, FUTEX_LOCK_PI);
	}
	if (change)
		ask("change", policy_set((int)workers[0].number, FIFO, change));
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	for (int i = 0; i < next; i++)
		say("%d", order[i]);
}

RULE(pi_most_urgent_first)
{
	wait_in_order((const int[]){10, 30, 20, 40}, 0);
}

RULE(pi_equals_in_turn)
{
	wait_in_order((const int[]){20, 0, 20, 30}, 0);
}

RULE(pi_priority_changed_asleep)
{
	wait_in_order((const int[]){10, 30, 20, 15}, 25);
}

/* --- who runs, on one CPU --- */

static void one_cpu(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		say("no affinity");
}

static word_t chain[3];
static volatile int is_held[3];

/* Holds one of the chain, waits for the one before it. */
static void links(struct worker *worker)
{
	int mine = worker->op;

	futex(&chain[mine], FUTEX_LOCK_PI, 0, NULL);
	is_held[mine] = 1;
	if (mine)
		futex(&chain[mine - 1], FUTEX_LOCK_PI, 0, NULL);
	else
		while (!next)
			sched_yield();
	order[next++] = worker->priority;
	if (mine)
		futex(&chain[mine - 1], FUTEX_UNLOCK_PI, 0, NULL);
	futex(&chain[mine], FUTEX_UNLOCK_PI, 0, NULL);
}

static void hog(struct worker *worker)
{
	order[next++] = worker->priority;
}

static void wants(struct worker *worker)
{
	order[next++] = worker->priority;
	futex(&chain[2], FUTEX_LOCK_PI, 0, NULL);
	order[next++] = worker->priority + 1;
	futex(&chain[2], FUTEX_UNLOCK_PI, 0, NULL);
}

static void start_quietly(struct worker *worker, void (*body)(struct worker *), int op,
			  int priority)
{
	struct sched_param param = {.sched_priority = priority};
	pthread_attr_t attr;

	worker->body = body;
	worker->op = op;
	worker->priority = priority;
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	if (pthread_create(&worker->thread, &attr, work, worker))
		say("no thread");
}

/*
 * 50 waits for a chain of three, whose owners are 1, 2 and 3; 20 is between. This thread, 90, lets
 * all of them begin and sleeps then, so nobody but the chain's first could run before 20.
 */
RULE(pi_chain_stops_inversion)
{
	struct worker between = {0};

	one_cpu();
	policy_set(0, FIFO, 90);
	for (int i = 0; i < 3; i++) {
		start_quietly(&workers[i], links, i, i + 1);
		while (!is_held[i])
			usleep(1000);
	}
	start_quietly(&between, hog, 0, 20);
	start_quietly(&workers[3], wants, 0, 50);
	for (int i = 0; i < THREADS; i++)
		pthread_join(workers[i].thread, NULL);
	pthread_join(between.thread, NULL);
	for (int i = 0; i < next; i++)
		say("%d", order[i]);
}

/* --- the C library's --- */

static pthread_mutex_t mutex;
static volatile long sum;

static void *adds(void *unused)
{
	for (int i = 0; i < 300; i++) {
		pthread_mutex_lock(&mutex);
		long seen = sum;

		if (i % 16 == 0)
			sched_yield();
		sum = seen + 1;
		pthread_mutex_unlock(&mutex);
	}
	return unused;
}

RULE(pi_mutexes_of_the_library)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK,
				    PTHREAD_MUTEX_RECURSIVE};

	for (int i = 0; i < 3; i++) {
		pthread_mutexattr_t attr;
		pthread_t threads[THREADS];

		pthread_mutexattr_init(&attr);
		pthread_mutexattr_settype(&attr, types[i]);
		say("protocol=%d", pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
		say("init=%d", pthread_mutex_init(&mutex, &attr));
		sum = 0;
		for (int j = 0; j < THREADS; j++)
			pthread_create(&threads[j], NULL, adds, NULL);
		for (int j = 0; j < THREADS; j++)
			pthread_join(threads[j], NULL);
		say("sum=%ld", sum);
		say("lock=%d", pthread_mutex_lock(&mutex));
		say("try=%d", pthread_mutex_trylock(&mutex));
		say("unlock=%d", pthread_mutex_unlock(&mutex));
	}
}

static void *locks_for_good(void *unused)
{
	pthread_mutex_lock(&mutex);
	return unused;
}

static void *locks_late(void *result)
{
	struct timespec soon = from_now(CLOCK_REALTIME, 20);

	*(int *)result = pthread_mutex_timedlock(&mutex, &soon);
	return NULL;
}

RULE(pi_robust_mutex_of_the_library)
{
	pthread_mutexattr_t attr;
	pthread_t thread;
	int result = -1;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	say("init=%d", pthread_mutex_init(&mutex, &attr));
	pthread_create(&thread, NULL, locks_for_good, NULL);
	pthread_join(thread, NULL);
	say("dead=%d", pthread_mutex_lock(&mutex) == EOWNERDEAD);
	say("consistent=%d", pthread_mutex_consistent(&mutex));
	pthread_create(&thread, NULL, locks_late, &result);
	pthread_join(thread, NULL);
	say("late=%d", result == ETIMEDOUT);
	say("unlock=%d", pthread_mutex_unlock(&mutex));
	say("lock=%d", pthread_mutex_lock(&mutex));
}
