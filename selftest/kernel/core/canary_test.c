/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/string.h"

#include "kernel/sched/thread.h"
#include "mm/kstack.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

/* Volatile: the compiler must not see what the tests do. */
static volatile size_t overrun_len = 40;
static volatile unsigned bad_index = 9;
static volatile uint8_t sink;

static __noinline void overrun(void *arg)
{
	char small[16];
	char *at = small;

	(void)arg;
	/* The bounds check would trap first if the compiler knew where this points. */
	__asm__ volatile("" : "+r"(at));
	for (size_t i = 0; i < overrun_len; i++)
		((volatile char *)at)[i] = 'A';
	sink = (uint8_t)small[3]; /* NOLINT: written by the loop */
}

static __noinline void index_out_of_bounds(void *arg)
{
	uint8_t table[8];

	(void)arg;
	memset(table, 1, sizeof(table));
	sink = table[bad_index];
}

static void fine(void *arg)
{
	uint8_t table[8];

	(void)arg;
	memset(table, 1, sizeof(table));
	sink = table[bad_index - 2];
}

SELFTEST(M2, 8, stack_overrun_caught)
{
	struct fault got = {0};

	CHECK(expect_assert(overrun, NULL));
	/* An instruction that traps, or a call of what reports it. */
	if (CONFIG_SAN)
		CHECK(expect_assert(index_out_of_bounds, NULL));
	else
		CHECK(catch_fault(&got, index_out_of_bounds, NULL) && got.vector == TRAP_UD);
	CHECK(!expect_assert(fine, NULL));
	return true;
}

static volatile uint64_t seen_canary;

static void note_canary(void *arg)
{
	(void)arg;
	seen_canary = cpu_self()->canary;
}

SELFTEST(M2, 8, canary_per_thread)
{
	static struct kthread kthread;
	uint64_t own = cpu_self()->canary;
	void *stack = kstack_alloc();

	CHECK(stack);
	CHECK(own && !(own & 0xff));
	CHECK(own == thread_self()->context.canary);
	kthread_create(&kthread, note_canary, NULL, "canary", stack, (char *)stack + KSTACK_SIZE);
	kthread_join(&kthread);
	kstack_free(stack);
	CHECK(seen_canary && !(seen_canary & 0xff) && seen_canary != own);
	CHECK(cpu_self()->canary == own);
	return true;
}
