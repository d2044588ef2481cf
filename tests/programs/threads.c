/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX threads: what they share, how they wait for each other, how they are ended. */
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT 8

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int turn, sum;
static __thread int own = 5;

static void *take_turn(void *arg)
{
	int me = (int)(intptr_t)arg;

	own += me;
	pthread_mutex_lock(&lock);
	while (turn != me)
		pthread_cond_wait(&changed, &lock);
	printf("turn of %d, own %d\n", me, own);
	turn++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return (void *)(intptr_t)(me * me);
}

static void create_and_join(void)
{
	pthread_t threads[COUNT];
	void *result;
	int total = 0;

	for (int i = COUNT - 1; i >= 0; i--)
		pthread_create(&threads[i], NULL, take_turn, (void *)(intptr_t)i);
	for (int i = 0; i < COUNT; i++) {
		pthread_join(threads[i], &result);
		total += (int)(intptr_t)result;
	}
	printf("joined, results add up to %d, own is still %d\n", total, own);
}

static void *add(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(arg);
		sum++;
		pthread_mutex_unlock(arg);
	}
	return NULL;
}

static void mutexes(void)
{
	static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK,
				    PTHREAD_MUTEX_RECURSIVE};

	for (int i = 0; i < 3; i++) {
		pthread_mutexattr_t attr;
		pthread_mutex_t mutex;
		pthread_t threads[4];

		pthread_mutexattr_init(&attr);
		pthread_mutexattr_settype(&attr, types[i]);
		pthread_mutex_init(&mutex, &attr);
		sum = 0;
		for (int j = 0; j < 4; j++)
			pthread_create(&threads[j], NULL, add, &mutex);
		for (int j = 0; j < 4; j++)
			pthread_join(threads[j], NULL);
		pthread_mutex_lock(&mutex);
		printf("mutex %d: sum %d, trylock by its owner %s\n", i, sum,
		       strerror(pthread_mutex_trylock(&mutex)));
	}
}

static void times(void)
{
	struct timespec past = {1, 0}, soon;
	sem_t empty;

	sem_init(&empty, 0, 0);
	errno = 0;
	printf("sem_trywait %d", sem_trywait(&empty));
	printf(" %s\n", strerror(errno));
	printf("sem_timedwait %d", sem_timedwait(&empty, &past));
	printf(" %s\n", strerror(errno));
	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_nsec += 20000000;
	if (soon.tv_nsec >= 1000000000) {
		soon.tv_sec++;
		soon.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&lock);
	printf("cond_timedwait: %s\n", strerror(pthread_cond_timedwait(&changed, &lock, &soon)));
	pthread_mutex_unlock(&lock);
}

static pthread_barrier_t barrier;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int serial, readers, most_readers, calls;

static void call_once(void)
{
	calls++;
}

static void *meet(void *arg)
{
	(void)arg;
	pthread_once(&once, call_once);
	if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
		__atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
	pthread_rwlock_rdlock(&rwlock);
	int now = __atomic_add_fetch(&readers, 1, __ATOMIC_SEQ_CST);
	if (now > most_readers)
		most_readers = now;
	pthread_barrier_wait(&barrier); /* all of them hold it for reading */
	__atomic_fetch_sub(&readers, 1, __ATOMIC_SEQ_CST);
	pthread_rwlock_unlock(&rwlock);
	pthread_rwlock_wrlock(&rwlock);
	sum++;
	pthread_rwlock_unlock(&rwlock);
	return NULL;
}

static void meetings(void)
{
	pthread_t threads[COUNT];

	sum = 0;
	pthread_barrier_init(&barrier, NULL, COUNT);
	for (int i = 0; i < COUNT; i++)
		pthread_create(&threads[i], NULL, meet, NULL);
	for (int i = 0; i < COUNT; i++)
		pthread_join(threads[i], NULL);
	printf("barrier: %d serial; readers at once %d; writers %d; once %d\n", serial,
	       most_readers, sum, calls);
}

static sem_t started, never;

static void say(void *arg)
{
	printf("cleanup: %s\n", (char *)arg);
}

static void *sleeps(void *arg)
{
	pthread_cleanup_push(say, arg);
	sem_post(&started);
	if (arg)
		sem_wait(&never);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *reads(void *arg)
{
	char byte;

	pthread_cleanup_push(say, "reader");
	sem_post(&started);
	(void)!read(*(int *)arg, &byte, 1);
	pthread_cleanup_pop(0);
	return NULL;
}

static void cancel_one(void *(*body)(void *), void *arg)
{
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, body, arg);
	sem_wait(&started);
	pthread_cancel(thread);
	pthread_join(thread, &result);
	printf("was cancelled: %d\n", result == PTHREAD_CANCELED);
}

static void cancels(void)
{
	int ends[2];

	sem_init(&started, 0, 0);
	sem_init(&never, 0, 0);
	(void)!pipe(ends);
	cancel_one(sleeps, "sleeper");
	cancel_one(reads, ends);
}

static pthread_key_t key;

static void destroy(void *value)
{
	printf("destructor of %s\n", (char *)value);
}

static void *has_value(void *arg)
{
	pthread_setspecific(key, arg);
	pthread_exit("left by pthread_exit");
}

static void *detached(void *arg)
{
	(void)arg;
	pthread_detach(pthread_self());
	sem_post(&started);
	return NULL;
}

static void endings(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *result;

	pthread_key_create(&key, destroy);
	pthread_create(&thread, NULL, has_value, "its value");
	pthread_join(thread, &result);
	printf("%s\n", (char *)result);
	pthread_create(&thread, NULL, detached, NULL);
	sem_wait(&started);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 64 << 10);
	pthread_create(&thread, &attr, sleeps, NULL);
	sem_wait(&started);
	printf("detached ones ran\n");
}

struct shared {
	pthread_mutex_t mutex;
	sem_t ping, pong;
};

static struct shared *share(int robust)
{
	struct shared *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (robust)
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&shared->mutex, &attr);
	sem_init(&shared->ping, 1, 0);
	sem_init(&shared->pong, 1, 0);
	return shared;
}

static void ping_pong(void)
{
	struct shared *shared = share(0);
	pid_t pid = fork();
	int status;

	for (int i = 0; i < 100; i++) {
		if (pid == 0) {
			sem_wait(&shared->ping);
			sem_post(&shared->pong);
		} else {
			sem_post(&shared->ping);
			sem_wait(&shared->pong);
		}
	}
	if (pid == 0)
		_exit(3);
	wait(&status);
	printf("100 rounds between processes, status %x\n", status);
}

static void *dies_holding(void *mutex)
{
	pthread_mutex_lock(mutex);
	return NULL;
}

static void try_dead(struct shared *shared, const char *who)
{
	int error = pthread_mutex_lock(&shared->mutex);

	printf("%s died with it: %s", who, strerror(error));
	if (error == EOWNERDEAD)
		pthread_mutex_consistent(&shared->mutex);
	pthread_mutex_unlock(&shared->mutex);
	printf(", then %s\n", strerror(pthread_mutex_lock(&shared->mutex)));
	pthread_mutex_unlock(&shared->mutex);
}

static void robust(void)
{
	struct shared *shared = share(1);
	pthread_t thread;
	pid_t pid;

	pthread_create(&thread, NULL, dies_holding, &shared->mutex);
	pthread_join(thread, NULL);
	try_dead(shared, "a thread");
	pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(&shared->mutex);
		sem_post(&shared->ping);
		for (;;)
			pause();
	}
	sem_wait(&shared->ping);
	kill(pid, SIGKILL);
	try_dead(shared, "a killed process"); /* sleeps until it has died */
	wait(NULL);
	pid = fork();
	if (pid == 0) {
		pthread_mutex_lock(&shared->mutex);
		sem_post(&shared->ping);
		execl("/proc/self/exe", "threads", "again", NULL);
	}
	sem_wait(&shared->ping);
	try_dead(shared, "an exec");
	wait(NULL);
}

static void *outlives(void *arg)
{
	struct timespec time = {0, 10000000};

	nanosleep(&time, NULL);
	printf("main has left, the process has not\n");
	return arg;
}

int main(int argc, char **argv)
{
	pthread_t thread;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc == 2 && strcmp(argv[1], "again") == 0)
		return 0;
	create_and_join();
	mutexes();
	times();
	meetings();
	cancels();
	endings();
	ping_pong();
	robust();
	pthread_create(&thread, NULL, outlives, NULL);
	pthread_exit(NULL);
}
