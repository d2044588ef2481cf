/* SPDX-License-Identifier: BSD-2-Clause */
/* A batch's process: some inputs one after the other, until they are done or have ended it. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "user/fuzz/fuzz.h"

#define USER 1000

/*
 * A child that the call has made ends at once, without a stack: it may have none, or share its
 * parent's.
 */
static long make(uint32_t number, const uint64_t args[ARGS])
{
	bool makes_child = number == SYS_fork || number == SYS_vfork || number == SYS_clone ||
			   number == SYS_clone3;
	register uint64_t r10 __asm__("r10") = args[3];
	register uint64_t r8 __asm__("r8") = args[4];
	register uint64_t r9 __asm__("r9") = args[5];
	register uint64_t child __asm__("r12") = makes_child;
	long result = number;

	__asm__ volatile("syscall\n"
			 "	test %%r12, %%r12; jz 1f\n"
			 "	test %%rax, %%rax; jnz 1f\n"
			 "	mov $60, %%eax; xor %%edi, %%edi; syscall\n"
			 "1:"
			 : "+a"(result)
			 : "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8), "r"(r9),
			   "r"(child)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

static void on_alarm(int signo)
{
	(void)signo;
}

/* What waits is woken, again and again. */
static void wake_myself(void)
{
	struct itimerval often = {{0, 5000}, {0, 5000}};
	struct sigaction action = {.sa_handler = on_alarm};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void limit(int resource, rlim_t value)
{
	struct rlimit to = {value, value};

	setrlimit(resource, &to);
}

static void begin(uint64_t number)
{
	char folder[64];

	int nowhere = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3 && !options.trace; fd++)
		dup2(nowhere, fd);
	snprintf(folder, sizeof(folder), "/tmp/fuzz/%lu", (unsigned long)number);
	mkdir(folder, 0777);
	if (chown(folder, options.as_root ? 0 : USER, 0) || chdir(folder))
		_exit(2);
	setpgid(0, 0);
	limit(RLIMIT_AS, 64UL << 20);
	limit(RLIMIT_FSIZE, 1UL << 20);
	limit(RLIMIT_NPROC, 100);
	if (!options.as_root && (setgroups(0, NULL) || setgid(USER) || setuid(USER)))
		_exit(2);
	close(open("file", O_CREAT | O_RDWR, 0644));
	mkdir("dir", 0755);
	for (int fd = 3; fd < 8; fd++)
		close(fd);
	open("file", O_RDWR);
	syscall(SYS_pipe2, &(int[2]){0}, O_NONBLOCK);
	open("dir", O_RDONLY);
}

static void run_input(const struct input *input)
{
	for (uint32_t i = 0; i < input->count; i++) {
		const struct call *call = &input->calls[i];
		const struct arg_row *row = &call_rows[call->row];
		long result;

		if (options.trace)
			dprintf(2, "%s(%lx, %lx, %lx, %lx, %lx, %lx)\n", row->name, call->args[0],
				call->args[1], call->args[2], call->args[3], call->args[4],
				call->args[5]);
		result = make(row->number, call->args);
		__atomic_fetch_add(&shared->calls, 1, __ATOMIC_RELAXED);
		if (result < 0)
			__atomic_fetch_add(&shared->errors, 1, __ATOMIC_RELAXED);
	}
}

static void next_input(uint64_t *state, struct input *input)
{
	const struct input *kept = options.feedback && !below(state, 4) ? kept_input(state) : NULL;
	const struct input *other = kept ? kept_input(state) : NULL;

	if (!kept) {
		draw_input(state, input);
		return;
	}
	*input = *kept;
	change_input(state, input, other);
}

void run_batch(uint64_t number, unsigned slot)
{
	uint64_t state = options.seed * 0x9e3779b97f4a7c15 + number;
	static struct input input;
	bool records;

	begin(number);
	records = coverage_begin(slot);
	for (int i = 0; i < INPUTS_PER_BATCH; i++) {
		if (!arena_begin())
			break;
		wake_myself();
		next_input(&state, &input);
		run_input(&input);
		if (records)
			coverage_judge(slot, &input);
	}
	_exit(0);
}
