/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processes, each on a CPU of its own, do one operation after the other on objects of their
 * own. ci/test_sharing.py stops each at hot_begin and follows it to hot_end.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM 70

static int file, pipes[2];
static char buffer[4096], name[32];
static char *page;

__attribute__((noinline)) void hot_begin(int operation)
{
	__asm__ volatile("" : : "r"(operation) : "memory");
}

__attribute__((noinline)) void hot_end(void)
{
	__asm__ volatile("" ::: "memory");
}

static void op_getppid(void)
{
	syscall(SYS_getppid);
}

static void op_read(void)
{
	pread(file, buffer, sizeof(buffer), 0);
}

static void op_pipe(void)
{
	write(pipes[1], buffer, 64);
	read(pipes[0], buffer, 64);
}

static void op_fault(void)
{
	*(volatile char *)page = 1;
}

static void op_open(void)
{
	close(open(name, O_RDONLY));
}

static void (*const operations[])(void) = {op_getppid, op_read, op_pipe, op_fault, op_open};

static void prepare(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	snprintf(name, sizeof(name), "/tmp/%d/file", cpu);
	file = open(name, O_RDWR | O_CREAT, 0600);
	if (file < 0 || write(file, buffer, sizeof(buffer)) != sizeof(buffer) || pipe(pipes))
		exit(1);
	page = mmap(NULL, sizeof(buffer), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
}

static void worker(int cpu)
{
	prepare(cpu);
	for (unsigned i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
		for (unsigned round = 0; round < WARM; round++) {
			madvise(page, sizeof(buffer), MADV_DONTNEED);
			operations[i]();
		}
		madvise(page, sizeof(buffer), MADV_DONTNEED);
		hot_begin((int)i);
		operations[i]();
		hot_end();
	}
	exit(0);
}

int main(void)
{
	int status, bad = 0;

	system("mkdir -p /tmp/0 /tmp/1");
	for (int cpu = 0; cpu < 2; cpu++)
		if (fork() == 0)
			worker(cpu);
	while (wait(&status) > 0)
		bad |= status;
	return bad != 0;
}
