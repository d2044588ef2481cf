/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as a weapon: queues without end, frames of lies, stacks in odd places. */
#include "attack.h"

static void queue_flood(void)
{
	struct sysinfo before, after;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	sysinfo(&before);
	for (int i = 0; i < 100000; i++)
		CHECK(kill(getpid(), SIGRTMIN + 3) == 0);
	sysinfo(&after);
	CHECK(before.freeram < after.freeram + (2 << 20));
}

/* Every word of a frame in turn becomes something that a kernel must not load. */
static void forged_frame(long word, uint64_t value)
{
	register uint64_t *stack __asm__("rsp");
	uint64_t frame[128] __attribute__((aligned(64)));

	memset(frame, 0, sizeof(frame));
	frame[5 + 16] = (uint64_t)frame; /* rip: not executable, a plain SIGSEGV */
	frame[5 + 15] = (uint64_t)(frame + 120);
	frame[word] = value;
	(void)stack;
	__asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall" ::"r"(frame) : "memory");
}

static void forged_frames(void)
{
	static const uint64_t values[] = {0x8000000000000000,
					  0xffff800000000000,
					  0x7fffffffffff,
					  0xffffffffffffffff,
					  0x3000,
					  0x23,
					  0x10};

	for (long word = 0; word < 60; word++)
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			pid_t child = fork();

			if (child == 0) {
				forged_frame(word, values[i]);
				_exit(0);
			}
			CHECK(WIFSIGNALED(wait_status(child)));
		}
}

static void handler(int number)
{
	(void)number;
	_exit(3);
}

/* A handler on a stack that is not memory: SIGSEGV, whatever the sums come to. */
static void odd_stacks(void)
{
	static const uint64_t places[] = {8192, 0x7ffffffff000, 0xffff800000000000, -8192ul,
					  1ul << 63};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		pid_t child = fork();

		if (child == 0) {
			stack_t stack = {.ss_sp = (void *)places[i],
					 .ss_size = i & 1 || !i ? 8192 : -1ul};
			struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

			sigaction(SIGUSR1, &action, NULL);
			CHECK(sigaltstack(&stack, NULL) == 0);
			raise(SIGUSR1);
			_exit(4);
		}
		CHECK(wait_status(child) == SIGSEGV);
	}
}

int main(void)
{
	forged_frames();
	odd_stacks();
	queue_flood();
	puts("ok");
	return 0;
}
