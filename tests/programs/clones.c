/* SPDX-License-Identifier: BSD-2-Clause */
/* clone(2) and clone3(2) themselves: what is refused, and what each flag shares. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREAD (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)

static char stack[64 << 10] __attribute__((aligned(16)));
static volatile int shared;
static int ends[2];

static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "made");
}

/* None of these makes anything. */
static void refused(void)
{
	static const struct {
		const char *what;
		long flags;
	} cases[] = {
		{"thread without handlers", THREAD & ~CLONE_SIGHAND},
		{"thread without memory", THREAD & ~CLONE_VM},
		{"handlers without memory", CLONE_SIGHAND | SIGCHLD},
		{"handlers and files without memory", CLONE_SIGHAND | CLONE_FILES},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		tell(cases[i].what,
		     syscall(SYS_clone, cases[i].flags, stack + sizeof(stack), NULL, NULL, 0));
	tell("thread pointer of the kernel's",
	     syscall(SYS_clone, THREAD | CLONE_SETTLS, stack + sizeof(stack), NULL, NULL, -4096l));
}

struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup, beyond[4];
};

static void clone3(const char *what, struct args args, size_t size)
{
	int status = -1;
	long pid;

	fflush(stdout);
	pid = syscall(SYS_clone3, &args, size);
	if (pid == 0)
		_exit(33);
	tell(what, pid);
	if (pid > 0) {
		waitpid((pid_t)pid, &status, __WALL);
		printf("  ended with %x\n", status);
	}
}

static void sizes(void)
{
	static const size_t valid[] = {0, 1, 63, 64, 65, 72, 80, 88, 89, 96, 120};
	struct args plain = {.exit_signal = SIGCHLD}, odd = plain;
	char text[32];
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; i < sizeof(valid) / sizeof(valid[0]); i++) {
		snprintf(text, sizeof(text), "%zu bytes", valid[i]);
		clone3(text, plain, valid[i]);
	}
	odd.beyond[1] = 1ull << 40;
	clone3("something behind, not told of", odd, 88);
	clone3("something behind", odd, 104);
	memcpy(page, &plain, sizeof(plain));
	munmap(page + 4096, 4096);
	tell("more than a page", syscall(SYS_clone3, page, 4097));
	tell("as far as another page", syscall(SYS_clone3, page + 4096 - 64, 88));
	tell("nowhere", syscall(SYS_clone3, NULL, 64));
}

static void values(void)
{
	struct args args = {.exit_signal = SIGCHLD};
	uint64_t top = (uint64_t)(uintptr_t)stack;

	clone3("a signal among the flags", (struct args){.flags = SIGCHLD}, 64);
	clone3("detached", (struct args){.flags = CLONE_DETACHED, .exit_signal = SIGCHLD}, 64);
	clone3("signal 65", (struct args){.exit_signal = 65}, 64);
	clone3("signal 256", (struct args){.exit_signal = 256}, 64);
	clone3("a signal of a thread",
	       (struct args){.flags = THREAD,
			     .exit_signal = SIGCHLD,
			     .stack = top,
			     .stack_size = sizeof(stack)},
	       64);
	args.stack = top;
	clone3("stack without size", args, 64);
	args.stack = 0;
	args.stack_size = 4096;
	clone3("size without stack", args, 64);
	args.stack = ~0xfffull;
	clone3("stack of the kernel's", args, 64);
	args = (struct args){.exit_signal = SIGCHLD, .set_tid_size = 1};
	clone3("no numbers, one of them", args, 80);
	args = (struct args){.exit_signal = SIGCHLD, .set_tid = 4096};
	clone3("numbers, none of them", args, 80);
	clone3("no signal", (struct args){0}, 64);
}

static void handler(int number)
{
	shared = number;
}

static int body(void *arg)
{
	struct sigaction action = {.sa_handler = handler};

	(void)arg;
	shared = 42;
	close(ends[0]);
	umask(077);
	(void)!chdir("/");
	sigaction(SIGUSR1, &action, NULL);
	return 5;
}

static void show(const char *what, int flags)
{
	struct sigaction action;
	char place[64];
	int status;
	pid_t pid;

	signal(SIGUSR1, SIG_IGN);
	shared = 0;
	umask(022);
	(void)!chdir("/tmp");
	(void)!pipe(ends);
	fflush(stdout);
	pid = clone(body, stack + sizeof(stack), flags | SIGCHLD, NULL);
	waitpid(pid, &status, 0);
	sigaction(SIGUSR1, NULL, &action);
	printf("%s: status %x memory %d file %s directory %s mask %o handler %d\n", what, status,
	       shared, fcntl(ends[0], F_GETFD) < 0 ? "closed" : "open",
	       getcwd(place, sizeof(place)), umask(022), action.sa_handler == handler);
	close(ends[0]);
	close(ends[1]);
}

static void what_is_shared(void)
{
	show("nothing", 0);
	show("memory", CLONE_VM);
	show("files", CLONE_FILES);
	show("directory", CLONE_FS);
	show("handlers", CLONE_VM | CLONE_SIGHAND);
	show("nothing again", 0);
	show("all", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_SYSVSEM);
	show("vfork", CLONE_VM | CLONE_VFORK);
}

/* --- numbers in memory --- */

static int ends_at_once(void *arg)
{
	return *(int *)arg < 0;
}

static void number_at(const char *what, int flags)
{
	int *numbers = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t pid;

	numbers[0] = numbers[1] = -1;
	pid = clone(ends_at_once, stack + sizeof(stack), flags | SIGCHLD, &numbers[1], &numbers[0],
		    NULL, &numbers[1]);
	waitpid(pid, &status, 0);
	printf("%s: parent's %s, child's %s, child saw one %d\n", what,
	       numbers[0] == pid ? "set" : "not set",
	       numbers[1] == pid ? "set"
	       : numbers[1]      ? "not set"
				 : "cleared",
	       status == 0);
}

static void numbers(void)
{
	number_at("no number", 0);
	number_at("parent's number", CLONE_PARENT_SETTID);
	number_at("child's number", CLONE_CHILD_SETTID);
	number_at("cleared, but alone", CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
	number_at("cleared", CLONE_VM | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
	number_at("all",
		  CLONE_VM | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID);
}

static int tells_parent(void *arg)
{
	return getppid() == *(int *)arg ? 7 : 8;
}

static void parents(void)
{
	int pid = getpid(), status;

	fflush(stdout);
	if (fork() == 0) {
		clone(tells_parent, stack + sizeof(stack), CLONE_PARENT | SIGCHLD, &pid);
		_exit(6);
	}
	for (int i = 0, sum = 0; i < 2; i++) {
		wait(&status);
		sum += WEXITSTATUS(status);
		if (i == 1)
			printf("a child and its sibling: %d\n", sum);
	}
	clone(tells_parent, stack + sizeof(stack), SIGUSR1, &pid);
	errno = 0;
	printf("a child of another signal: wait %d", waitpid(-1, &status, 0));
	printf(" %s", strerror(errno));
	printf(", with __WALL %d\n", waitpid(-1, &status, __WALL) > 0);
}

/* --- processors and barriers --- */

static void others(void)
{
	uint64_t mask[16] = {0};

	printf("affinity %d", syscall(SYS_sched_getaffinity, 0, 64, mask) > 0 && (mask[0] & 1));
	tell("; 4 bytes", syscall(SYS_sched_getaffinity, 0, 4, mask));
	tell("12 bytes", syscall(SYS_sched_getaffinity, 0, 12, mask));
	tell("of nobody", syscall(SYS_sched_getaffinity, 32767, 64, mask));
	mask[0] = 1;
	tell("the first", syscall(SYS_sched_setaffinity, 0, 8, mask));
	tell("the first of 128 bytes", syscall(SYS_sched_setaffinity, getpid(), 128, mask));
	tell("for nobody", syscall(SYS_sched_setaffinity, 32767, 8, mask));
	mask[0] = 0;
	tell("none", syscall(SYS_sched_setaffinity, 0, 8, mask));
	tell("in no bytes", syscall(SYS_sched_setaffinity, 0, 0, mask));
	tell("nowhere", syscall(SYS_sched_setaffinity, 0, 8, NULL));
	printf("barriers %lx\n", syscall(SYS_membarrier, 0, 0, 0) & 0x7f);
	tell("flags", syscall(SYS_membarrier, 0, 2, 0));
	tell("two at once", syscall(SYS_membarrier, 3, 0, 0));
	tell("global", syscall(SYS_membarrier, 1, 0, 0));
	tell("private, not asked for", syscall(SYS_membarrier, 8, 0, 0));
	tell("asked for", syscall(SYS_membarrier, 16, 0, 0));
	tell("private", syscall(SYS_membarrier, 8, 0, 0));
	tell("sync, not asked for", syscall(SYS_membarrier, 32, 0, 0));
	tell("sync asked for", syscall(SYS_membarrier, 64, 0, 0));
	tell("sync", syscall(SYS_membarrier, 32, 0, 0));
}

int main(void)
{
	refused();
	sizes();
	values();
	what_is_shared();
	numbers();
	parents();
	others();
	return 0;
}
