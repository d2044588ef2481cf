/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-20: nothing of the kernel can be read, written or executed: each region of the upper half,
 * wherever the boot put the image, the physmap, the stacks, the tables and the devices.
 */
#include "selftest/user/again.h"
#include "selftest/user/probe.h"

#define KERNEL_HALF  0xffff800000000000ul
#define REGION_SIZE  (1ul << 39)
#define IMAGE_WINDOW 0xffffff8000000000ul
#define IMAGE_STEP   0x10000000ul
#define APIC_BASE    0xfee00000ul
#define USER_END     0x7ffffffff000ul

static int is_linux;

/* The whole address is told: it is the one that the program used. */
static int is_refused_once(uint64_t at, int kind)
{
	return probe(at, (enum probe_kind)kind) == SIGSEGV && probed.code == SEGV_MAPERR &&
	       probed.address == at && (probed.error & 4);
}

static int is_refused(uint64_t at)
{
	return is_refused_once(at, PROBE_READ) && is_refused_once(at, PROBE_WRITE) &&
	       is_refused_once(at, PROBE_EXEC);
}

/* Without canonical form there is no page fault and so no address. */
static int is_refused_by_form(uint64_t at)
{
	for (int kind = PROBE_READ; kind <= PROBE_WRITE; kind++) {
		if (probe(at, (enum probe_kind)kind) != SIGSEGV || probed.code != SI_KERNEL)
			return 0;
		if (probed.address != 0)
			return 0;
	}
	return 1;
}

static void upper_half(void)
{
	static const uint64_t inside[] = {0, PAGE, 0x100000, 0x200000, 1ul << 30, REGION_SIZE - 1};

	for (uint64_t i = 0; i < 256; i++)
		CHECK(is_refused_once(KERNEL_HALF + i * REGION_SIZE + inside[i % 6], (int)(i % 3)));
	CHECK(is_refused(KERNEL_HALF));
	CHECK(is_refused(UINT64_MAX - 7));
}

/* All over the window that the image may lie in. */
static void image(void)
{
	uint64_t step = 2048 / test_rounds(128);

	step = step ? step : 1;
	for (uint64_t i = 0; i < 2048; i += step) {
		uint64_t at = IMAGE_WINDOW + i * IMAGE_STEP;

		CHECK(probe(at, (enum probe_kind)(i % 3)) == SIGSEGV);
		CHECK(probed.address == at && probed.code == SEGV_MAPERR);
	}
}

/* The addresses that the kernel's runner tells, each in all three ways, with both neighbours. */
static void targets(const uint64_t *stack)
{
	const char *text = NULL;
	uint64_t at = 0, count = 0;

	for (const uint64_t *env = stack + stack[0] + 2; *env; env++)
		if (__builtin_memcmp((const char *)*env, "KERNEL=", 7) == 0)
			text = (const char *)*env + 7;
	CHECK(text || is_linux);
	for (; text && *text; text++) {
		if (*text != ',') {
			at = at << 4 | (uint64_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
			continue;
		}
		CHECK(at >= KERNEL_HALF && is_refused(at));
		CHECK(is_refused(at + PAGE) && is_refused(at - PAGE));
		at = 0;
		count++;
	}
	CHECK(count >= 10 || is_linux);
}

static void gap(void)
{
	static const uint64_t list[] = {USER_END + PAGE, 0x800000000000ul, 0x8000000000000000ul,
					KERNEL_HALF - 8, 0x7ffffffffffffffful};

	for (size_t i = 1; i < sizeof(list) / sizeof(list[0]); i++)
		CHECK(is_refused_by_form(list[i]));
}

/* Physical addresses mean nothing here: devices, the vector tables of old, the first megabyte. */
static void low_addresses(void)
{
	static const uint64_t list[] = {0,         8,          0xf000,           0xb8000, 0x100000,
					APIC_BASE, 0xfec00000, APIC_BASE + 0xb0, USER_END};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		CHECK(is_refused(list[i]));
}

static char own_page[PAGE];

/* The vDSO's code and the kernel's clock below it: for reading. */
static void clock_pages(const uint64_t *stack)
{
	uint64_t image = aux_value(stack, AT_SYSINFO_EHDR);

	CHECK(image || is_linux);
	CHECK(gives((const void *)image, PROBE_READ, 0));
	CHECK(gives((const void *)image, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives((const void *)(image - PAGE), PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives((const void *)(image - PAGE), PROBE_EXEC, SEGV_ACCERR));
}

/* What may be touched is not refused, or everything above would be green for nothing. */
static void own_memory(void)
{
	CHECK(probe((uint64_t)(uintptr_t)own_page, PROBE_READ) == 0);
	CHECK(probe((uint64_t)(uintptr_t)own_page, PROBE_WRITE) == 0);
	CHECK(probe((uint64_t)(uintptr_t)signal_restorer, PROBE_WRITE) == SIGSEGV);
	CHECK(probed.code == SEGV_ACCERR);
}

void test_main(const uint64_t *stack)
{
	is_linux = sys0(SYS_native_yield) == -ENOSYS;
	CHECK(probe_begin());
	own_memory();
	clock_pages(stack);
	upper_half();
	image();
	targets(stack);
	gap();
	low_addresses();
}
