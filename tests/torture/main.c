/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * torture SEED OPERATIONS: the same seed gives each worker the same operations. Exit status 0 if
 * all was as it must be; else one line says who saw what.
 */
#include "torture.h"

#include <errno.h>

struct all *all;
const char *self;

static struct worker workers[WORKERS];
static int operations;

#define OPERATION(name) {name, #name}

static const struct {
	operation *run;
	const char *name;
} table[] = {
	OPERATION(fork_and_exit),   OPERATION(fork_and_exec),	 OPERATION(fork_and_kill),
	OPERATION(own_session),
	OPERATION(make_thread),	    OPERATION(map_and_check),	 OPERATION(common_pages),
	OPERATION(copy_on_write),   OPERATION(own_pipe),	 OPERATION(stream_of_child),
	OPERATION(ping_pong),	    OPERATION(count_under_lock), OPERATION(signal_myself),
	OPERATION(queue_signal),    OPERATION(own_file),	 OPERATION(append_record),
	OPERATION(rename_over),	    OPERATION(many_descriptors), OPERATION(common_pages),
};

void fail(const struct worker *worker, const char *what, int line)
{
	dprintf(2, "torture: worker %d, operation %d, %s, line %d: not %s (errno %d)\n", worker->id,
		worker->operation, worker->doing, line, what, errno);
	kill(0, SIGKILL);
	_exit(1);
}

/* SplitMix64. */
uint64_t next_of(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t draw(struct worker *worker, uint64_t below)
{
	return next_of(&worker->state) % below;
}

int status_of(struct worker *worker, pid_t pid)
{
	int status;

	CHECK(worker, pid > 0);
	CHECK(worker, waitpid(pid, &status, 0) == pid);
	return status;
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	for (; worker->operation < operations; worker->operation++) {
		size_t chosen = draw(worker, sizeof(table) / sizeof(table[0]));

		worker->doing = table[chosen].name;
		table[chosen].run(worker);
	}
	return worker;
}

static void process(int number)
{
	struct worker *mine = &workers[number * THREADS];
	pthread_t threads[THREADS];
	void *result;

	memory_begin();
	signals_begin();
	for (int i = 0; i < THREADS; i++)
		CHECK(mine, pthread_create(&threads[i], NULL, work, &mine[i]) == 0);
	for (int i = 0; i < THREADS; i++)
		CHECK(mine, pthread_join(threads[i], &result) == 0 && result == &mine[i]);
	signals_end(mine);
	_exit(0);
}

static void begin(uint64_t seed)
{
	pthread_mutexattr_t shared;

	all = mmap(NULL, sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(&workers[0], all != MAP_FAILED);
	pthread_mutexattr_init(&shared);
	pthread_mutexattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&all->lock, &shared);
	for (int i = 0; i < WORKERS; i++)
		workers[i] = (struct worker){.state = next_of(&seed), .id = i, .doing = "begin"};
	files_begin();
}

static void end(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < WORKERS; i++)
		sum += all->counted[i];
	CHECK(&workers[0], all->counter == sum);
	files_end(&workers[0]);
	CHECK(&workers[0], waitpid(-1, NULL, 0) == -1 && errno == ECHILD);
}

int main(int argc, char **argv)
{
	pid_t pids[PROCESSES];

	self = argv[0];
	if (argc == 3 && !strcmp(argv[1], "leave"))
		return atoi(argv[2]);
	if (argc != 3)
		return 2;
	setpgid(0, 0);
	operations = atoi(argv[2]);
	begin(strtoull(argv[1], NULL, 0));
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			process(i);
	}
	for (int i = 0; i < PROCESSES; i++)
		CHECK(&workers[0], status_of(&workers[0], pids[i]) == 0);
	end();
	printf("%d workers did %d operations each\n", WORKERS, operations);
	return 0;
}
