/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two processes, each on a CPU of its own, do one operation after the other on objects of their
 * own. ci/test_sharing.py stops both at hot_begin and follows each to hot_end, until it has seen
 * all of both.
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

/* What the test clears when it needs the operation no more. */
volatile int hot_again;

/* Of all programs this one, as the test knows it. */
#define HOT 0x686f74

__attribute__((noinline)) void hot_begin(int operation, int program)
{
	__asm__ volatile("" : : "r"(operation), "r"(program) : "memory");
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

static void op_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
}

static void (*const operations[])(void) = {op_getppid, op_read, op_pipe,
					   op_fault,   op_open, op_fork};
#define OPERATIONS (int)(sizeof(operations) / sizeof(operations[0]))

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

/* How often the two have come to a barrier: what both write in ring 3, and have mapped there only.
 */
static void barrier(void)
{
	static int passed;
	int descriptor = open("/tmp/barrier", O_RDWR | O_CREAT, 0600);
	int *arrived;

	if (descriptor < 0 || ftruncate(descriptor, sizeof(*arrived)))
		exit(1);
	arrived = mmap(NULL, sizeof(*arrived), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
	close(descriptor);
	passed += 2;
	__atomic_fetch_add(arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(arrived, __ATOMIC_SEQ_CST) < passed)
		__builtin_ia32_pause();
	munmap(arrived, sizeof(*arrived));
}

static void operate(int operation)
{
	operations[operation]();
	madvise(page, sizeof(buffer), MADV_DONTNEED);
}

static void run(int operation)
{
	for (int round = 0; round < WARM; round++)
		operate(operation);
	hot_again = 1;
	while (hot_again) {
		barrier();
		operate(operation);
		hot_begin(operation, HOT);
		operations[operation]();
		hot_end();
	}
}

/* Nothing that the other one has: terminal, group, descriptors, directory, program. */
static void separate(int cpu)
{
	char own[32], number[] = {(char)('0' + cpu), 0};

	setsid();
	snprintf(own, sizeof(own), "/tmp/%d", cpu);
	if (chdir(own))
		exit(1);
	for (int descriptor = 0; descriptor < 3; descriptor++)
		close(descriptor);
	snprintf(own, sizeof(own), "/bin/hot_paths_%d", cpu);
	execl(own, own, number, (char *)NULL);
	exit(1);
}

static void work(int cpu)
{
	prepare(cpu);
	for (int i = 0; i < OPERATIONS; i++)
		run(i);
	barrier();
	exit(0);
}

int main(int argc, char **argv)
{
	int status, bad = 0;

	if (argc > 1)
		work(argv[1][0] - '0');
	system("mkdir -p /tmp/0 /tmp/1");
	for (int cpu = 0; cpu < 2; cpu++)
		if (fork() == 0)
			separate(cpu);
	while (wait(&status) > 0)
		bad |= status;
	return bad != 0;
}
