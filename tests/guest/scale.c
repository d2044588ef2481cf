/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How independent system calls scale: one process, then two on a CPU each, do so many of them.
 * Prints for each call the nanoseconds of the wall clock per call with one and with two, and how
 * much more two do. For `make scale`, with two CPUs on a host that has two free.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char buffer[4096];
static int file, pipes[2];
static char *page;

static void do_getppid(void)
{
	syscall(SYS_getppid);
}

static void do_read(void)
{
	if (pread(file, buffer, sizeof(buffer), 0) < 0)
		_exit(1);
}

static void do_pipe(void)
{
	if (write(pipes[1], buffer, 64) != 64 || read(pipes[0], buffer, 64) != 64)
		_exit(1);
}

static void do_fault(void)
{
	*(volatile char *)page = 1;
	madvise(page, 4096, MADV_DONTNEED);
}

static void do_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
}

static const struct {
	const char *name;
	void (*call)(void);
	unsigned count;
} calls[] = {
	{"getppid", do_getppid, 400000}, {"read_4k", do_read, 100000}, {"pipe", do_pipe, 40000},
	{"fault", do_fault, 40000},      {"fork", do_fork, 3000},
};

static void work(unsigned which, int cpu)
{
	char name[32];
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	snprintf(name, sizeof(name), "/tmp/scale.%d", cpu);
	file = open(name, O_RDWR | O_CREAT, 0600);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (file < 0 || write(file, buffer, sizeof(buffer)) < 0 || pipe(pipes))
		_exit(1);
	for (unsigned i = 0; i < calls[which].count; i++)
		calls[which].call();
	_exit(0);
}

/* Nanoseconds for each process to do its calls, all together. */
static double run(unsigned which, int processes)
{
	struct timespec start, end;
	int status, bad = 0;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int cpu = 0; cpu < processes; cpu++)
		if (fork() == 0)
			work(which, cpu);
	while (wait(&status) > 0)
		bad |= status;
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (bad)
		exit(1);
	return (double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec);
}

int main(void)
{
	printf("%-10s %12s %12s %8s\n", "call", "1 CPU, ns", "2 CPUs, ns", "scales");
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		double one = run(i, 1), two = run(i, 2);

		printf("%-10s %12.0f %12.0f %8.2f\n", calls[i].name, one / calls[i].count,
		       two / 2 / calls[i].count, 2 * one / two);
	}
	return 0;
}
