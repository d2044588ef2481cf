/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A defect for each thing that a SAN build must find, for ci/test_sanitiser.py. What is said of
 * each and, by `here`, where it is, stands in san_memory.c and san_undefined.c. Included into a
 * selftest; all are run, and reported, one after the other, or one alone: defect=NAME.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/boot_info.h"
#include "kernel/core/cmdline.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/x86/cpu.h"
#include "mm/frame.h"
#include "mm/kmap.h"
#include "mm/kstack.h"
#include "mm/shadow_map.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "selftest/expect.h"
#include "selftest/selftest.h"

#define DEFECT(name, says) static __noinline void planted_##name(void)

/* What the compiler must not know. */
static volatile size_t forty = 40, eight = 8, three = 3;
static volatile int32_t most = INT32_MAX, number;
static volatile uint8_t sink, two = 2;
static uint8_t table[8];

/* clang-format off */
#include "tests/planted/san_memory.c"
#include "tests/planted/san_undefined.c"

#define ROW(name) {#name, planted_##name}
static const struct {
	const char *name;
	void (*run)(void);
} defects[] = {
	ROW(heap_read), ROW(heap_write), ROW(heap_before), ROW(large_object),
	ROW(freed_read), ROW(freed_write), ROW(freed_twice), ROW(string_write),
	ROW(string_read), ROW(user_copy_out), ROW(user_copy_in), ROW(free_frame),
	ROW(stack_variable), ROW(stack_scope), ROW(freed_stack), ROW(global_variable),
	ROW(device_window), ROW(user_address), ROW(nowhere), ROW(shift), ROW(sum),
	ROW(difference), ROW(product), ROW(negation), ROW(division), ROW(index),
	ROW(misaligned), ROW(null), ROW(truth), ROW(unreachable), ROW(pointer),
	ROW(count_zeros), ROW(object_size), ROW(object_member),
};
/* clang-format on */

static struct expect_slot slot;
static const char *running;

static _Noreturn void on_report(const char *reason)
{
	panic_expect_assert(NULL);
	log_warn("planted", "%s: %s", running, reason);
	expect_leave(&slot);
}

static void run_one(void *which)
{
	defects[(size_t)which].run();
}

static bool reported(size_t which)
{
	uint64_t flags = read_rflags();
	bool left;

	running = defects[which].name;
	panic_expect_assert(on_report);
	left = expect_call(run_one, (void *)which, &slot);
	panic_expect_assert(NULL);
	shadow_forget_frames();
	irq_restore(flags);
	return left;
}

SELFTEST(M1, 1, planted, .place = SELFTEST_LAST)
{
	char name[32];
	bool alone = cmdline_value(boot_info()->cmdline, "defect", name, sizeof(name));

	for (size_t i = 0; i < ARRAY_SIZE(defects); i++) {
		if (alone && strcmp(name, defects[i].name) == 0)
			defects[i].run();
		if (!alone)
			CHECK(reported(i));
	}
	return true;
}
