/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes and threads that come and go, pipes, futexes. */
#include "torture.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/syscall.h>

/* <linux/futex.h>, which musl-gcc does not find. */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1

void fork_and_exit(struct worker *worker)
{
	int code = (int)draw(worker, 256);
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	CHECK(worker, status_of(worker, pid) == code << 8);
}

void fork_and_exec(struct worker *worker)
{
	int code = (int)draw(worker, 256);
	char text[8];
	pid_t pid;

	snprintf(text, sizeof(text), "%d", code);
	pid = fork();
	if (pid == 0) {
		execl(self, self, "leave", text, (char *)NULL);
		_exit(255);
	}
	CHECK(worker, status_of(worker, pid) == code << 8);
}

void fork_and_kill(struct worker *worker)
{
	int busy = (int)draw(worker, 2), turns = (int)draw(worker, 4);
	pid_t pid = fork();

	while (pid == 0)
		if (!busy)
			pause();
	for (int i = 0; i < turns; i++)
		sched_yield();
	CHECK(worker, kill(pid, SIGKILL) == 0);
	CHECK(worker, status_of(worker, pid) == SIGKILL);
}

/* A session of its own, that is asked about, and some in it that come and go; none is left. */
static _Noreturn void lead_session(int members)
{
	if (setsid() != getpid())
		_exit(1);
	for (int i = 0; i < members; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			setpgid(0, 0);
			_exit(getsid(0) != getppid());
		}
		if (pid < 0 || getsid(pid) != getpid() || waitpid(i & 1 ? pid : -1, &(int){0}, 0) != pid)
			_exit(2);
	}
	_exit(3);
}

void own_session(struct worker *worker)
{
	int members = (int)draw(worker, 8);
	pid_t pid = fork(), group;

	if (pid == 0)
		lead_session(members);
	group = getpgid(pid);
	CHECK(worker, group == pid || group == getpgid(0));
	CHECK(worker, status_of(worker, pid) == 3 << 8);
}

static void *its_argument(void *arg)
{
	return arg;
}

void make_thread(struct worker *worker)
{
	pthread_t thread;
	void *result;

	CHECK(worker, pthread_create(&thread, NULL, its_argument, worker) == 0);
	CHECK(worker, pthread_join(thread, &result) == 0 && result == worker);
}

static void fill(uint64_t *words, size_t bytes, uint64_t seed)
{
	for (size_t i = 0; i < bytes / 8; i++)
		words[i] = next_of(&seed);
}

static ssize_t read_all(int from, void *to, size_t bytes)
{
	size_t done = 0;
	ssize_t got;

	while (done < bytes && (got = read(from, (char *)to + done, bytes - done)) > 0)
		done += (size_t)got;
	return (ssize_t)done;
}

void own_pipe(struct worker *worker)
{
	uint64_t sent[512], received[512];
	size_t bytes = 8 * (1 + draw(worker, 512));
	int ends[2];

	fill(sent, bytes, draw(worker, UINT64_MAX));
	CHECK(worker, pipe2(ends, O_CLOEXEC) == 0);
	CHECK(worker, write(ends[1], sent, bytes) == (ssize_t)bytes);
	CHECK(worker, read_all(ends[0], received, bytes) == (ssize_t)bytes);
	CHECK(worker, !memcmp(sent, received, bytes));
	CHECK(worker, close(ends[0]) == 0 && close(ends[1]) == 0);
}

static void send_stream(int to, uint64_t seed, size_t pieces)
{
	uint64_t piece[512];

	for (size_t i = 0; i < pieces; i++) {
		fill(piece, sizeof(piece), seed + i);
		if (write(to, piece, sizeof(piece)) != sizeof(piece))
			_exit(1);
	}
	_exit(0);
}

void stream_of_child(struct worker *worker)
{
	uint64_t seed = draw(worker, UINT64_MAX), piece[512], expected[512];
	size_t pieces = 1 + draw(worker, 40);
	int ends[2];
	pid_t pid;

	CHECK(worker, pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0)
		send_stream(ends[1], seed, pieces);
	CHECK(worker, close(ends[1]) == 0);
	for (size_t i = 0; i < pieces; i++) {
		fill(expected, sizeof(expected), seed + i);
		CHECK(worker, read_all(ends[0], piece, sizeof(piece)) == sizeof(piece));
		CHECK(worker, !memcmp(piece, expected, sizeof(piece)));
	}
	CHECK(worker, read(ends[0], piece, 1) == 0);
	CHECK(worker, close(ends[0]) == 0);
	CHECK(worker, status_of(worker, pid) == 0);
}

void count_under_lock(struct worker *worker)
{
	pthread_mutex_lock(&all->lock);
	*(volatile uint64_t *)&all->counter += 1;
	all->counted[worker->id]++;
	pthread_mutex_unlock(&all->lock);
}

/* Waits until *word is `value`. */
static void await_word(volatile uint32_t *word, uint32_t value)
{
	uint32_t seen;

	while ((seen = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != value)
		syscall(SYS_futex, word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void tell_word(volatile uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

void ping_pong(struct worker *worker)
{
	uint32_t turns = 2 * (uint32_t)(1 + draw(worker, 10));
	uint32_t *word = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(worker, word != MAP_FAILED);
	pid = fork();
	for (uint32_t i = pid == 0; i < turns; i += 2) {
		await_word(word, i);
		tell_word(word, i + 1);
	}
	if (pid == 0)
		_exit(0);
	CHECK(worker, status_of(worker, pid) == 0);
	CHECK(worker, *word == turns);
	CHECK(worker, munmap(word, PAGE) == 0);
}
