/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Threads in numbers, for ci/test_load.py. thread_load crowd N: N alive at once, each woken by the
 * one before. short N: N made and joined, one after the other. killed N, replaced N: a child with N
 * threads is killed, or execs in one of them. locks N: N threads on one lock and one condition.
 */
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST   4096
#define ROUNDS 200

static pthread_t threads[MOST];
static sem_t links[MOST + 1], started;

static int start(int i, void *(*body)(void *))
{
	static pthread_attr_t attr;

	if (i == 0) {
		pthread_attr_init(&attr);
		pthread_attr_setstacksize(&attr,
					  PTHREAD_STACK_MIN < 16384 ? 16384 : PTHREAD_STACK_MIN);
	}
	return pthread_create(&threads[i], &attr, body, (void *)(intptr_t)i);
}

static void *link_of_chain(void *arg)
{
	int me = (int)(intptr_t)arg;

	sem_post(&started);
	sem_wait(&links[me]);
	sem_post(&links[me + 1]);
	return arg;
}

static int make_chain(int count)
{
	int made = 0;

	sem_init(&started, 0, 0);
	for (int i = 0; i <= count; i++)
		sem_init(&links[i], 0, 0);
	while (made < count && start(made, link_of_chain) == 0)
		made++;
	for (int i = 0; i < made; i++)
		sem_wait(&started);
	return made;
}

static int crowd(int count)
{
	int made = make_chain(count), joined = 0;

	printf("%d alive at once\n", made);
	sem_post(&links[0]);
	sem_wait(&links[made]);
	for (int i = 0; i < made; i++) {
		void *result;

		joined += pthread_join(threads[i], &result) == 0 && result == (void *)(intptr_t)i;
	}
	printf("%d joined\n", joined);
	return joined != count;
}

static void *nothing(void *arg)
{
	return arg;
}

static int short_ones(int count)
{
	int good = 0;

	for (int i = 0; i < count; i++) {
		void *result;

		good += pthread_create(&threads[0], NULL, nothing, &threads[i % MOST]) == 0 &&
			pthread_join(threads[0], &result) == 0 && result == &threads[i % MOST];
	}
	printf("%d of %d\n", good, count);
	return good != count;
}

static const char *self;

static void *executes(void *arg)
{
	execl(self, self, "leave", (char *)NULL);
	return arg;
}

static int child_with_crowd(int count, int replaced)
{
	int ready[2], status = -1;
	char byte;
	pid_t pid;

	if (pipe(ready))
		return 1;
	pid = fork();
	if (pid == 0) {
		byte = make_chain(count) == count;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		if (replaced)
			pthread_create(&threads[0], NULL, executes, NULL);
		for (;;)
			pause();
	}
	if (read(ready[0], &byte, 1) != 1 || !byte)
		return 1;
	if (!replaced)
		kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	printf("ended with %x\n", status);
	return 0;
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, crowd_size;

static void *takes_turns(void *arg)
{
	int me = (int)(intptr_t)arg;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		while (turn % crowd_size != me)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static int locks(int count)
{
	crowd_size = count;
	for (int i = 0; i < count; i++)
		if (start(i, takes_turns))
			return 1;
	for (int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	printf("%d turns\n", turn);
	return turn != count * ROUNDS;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int count = argc > 2 ? atoi(argv[2]) : 0;

	self = argv[0];
	if (!strcmp(what, "leave"))
		return 42;
	if (!strcmp(what, "short"))
		return short_ones(count);
	if (count > MOST)
		return 2;
	if (!strcmp(what, "crowd"))
		return crowd(count);
	if (!strcmp(what, "killed"))
		return child_with_crowd(count, 0);
	if (!strcmp(what, "replaced"))
		return child_with_crowd(count, 1);
	if (!strcmp(what, "locks"))
		return locks(count);
	return 2;
}
