/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-12: the places of 32 executions vary in every documented bit. */
#include "selftest/user/again.h"

#define SYS_dup2 33

#define EXECS   32
#define TELL_FD 20

/* In pages, no less than Linux gives; the stack's 30 in units of 16 bytes. */
#define STACK_BITS 30
#define MMAP_BITS  28
#define BRK_BITS   18
#define VDSO_BITS  22
#define PAGE_SHIFT 12

struct sample {
	uint64_t stack, map, brk, vdso;
};
static struct sample samples[EXECS];

static _Noreturn void tell(const uint64_t *stack)
{
	struct sample sample = {
		.stack = (uint64_t)stack,
		.map = (uint64_t)sys_mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS),
		.brk = (uint64_t)sys3(SYS_brk, 0, 0, 0),
		.vdso = aux_value(stack, AT_SYSINFO_EHDR),
	};

	sys_exit(sys3(SYS_write, TELL_FD, (long)&sample, sizeof(sample)) == sizeof(sample) ? 0 : 3);
}

static const uint64_t *start_stack;

static void run(long unused)
{
	(void)unused;
	again(start_stack, 't');
}

static void take_samples(void)
{
	int ends[2];

	CHECK(sys3(SYS_pipe2, (long)ends, 0, 0) == 0);
	CHECK(sys3(SYS_dup2, ends[1], TELL_FD, 0) == TELL_FD);
	for (int i = 0; i < EXECS; i++) {
		CHECK(run_child(run, 0) == 0);
		CHECK(sys3(SYS_read, ends[0], (long)&samples[i], sizeof(samples[i])) ==
		      sizeof(samples[i]));
	}
}

/* With 32 samples a bit that is random stays the same once in 2^31 times. */
static int varies(size_t field, unsigned first, unsigned bits)
{
	uint64_t ones = UINT64_MAX, zeros = UINT64_MAX;
	uint64_t mask = ((1ul << bits) - 1) << first;

	for (int i = 0; i < EXECS; i++) {
		uint64_t value = ((const uint64_t *)&samples[i])[field];

		ones &= value;
		zeros &= ~value;
	}
	return ((ones | zeros) & mask) == 0;
}

static unsigned different(size_t field)
{
	unsigned count = 0;

	for (int i = 0; i < EXECS; i++) {
		int j = 0;

		while (j < i && ((const uint64_t *)&samples[i])[field] !=
					((const uint64_t *)&samples[j])[field])
			j++;
		count += i == j;
	}
	return count;
}

void test_main(const uint64_t *stack)
{
	if (again_word(stack))
		tell(stack);
	start_stack = stack;
	take_samples();
	CHECK(varies(0, 4, STACK_BITS) && different(0) > EXECS - 4);
	CHECK(varies(1, PAGE_SHIFT, MMAP_BITS) && different(1) > EXECS - 4);
	CHECK(varies(2, PAGE_SHIFT, BRK_BITS) && different(2) > EXECS - 4);
	CHECK(varies(3, PAGE_SHIFT, VDSO_BITS) && different(3) > EXECS - 4);
}
