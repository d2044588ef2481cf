/* SPDX-License-Identifier: BSD-2-Clause */
/* The report of a bad access: its reason in one line, and what lies there as a part of the panic.
 */
#include "kernel/lib/format.h"

#include "kernel/core/kasan_internal.h"
#include "kernel/core/ksyms.h"
#include "kernel/core/log.h"
#include "kernel/core/panic.h"
#include "kernel/core/san_hooks.h"
#include "kernel/x86/trapframe.h"

#define ROWS      5u
#define ROW_MARKS 16u
#define ROW_BYTES (ROW_MARKS * SHADOW_GRANULE)

static uint64_t reported;

static const char *meaning(uint8_t mark)
{
	switch (mark) {
	case SHADOW_RELEASED:
		return "use of boot's part of the image, which is gone";
	case SHADOW_WINDOW:
		return "beside a window on device memory";
	case SHADOW_DEAD_STACK:
		return "use of a stack that was freed";
	case SHADOW_STACK_LEFT:
	case SHADOW_STACK_BETWEEN:
	case SHADOW_STACK_RIGHT:
		return "out of bounds of a variable on the stack";
	case SHADOW_STACK_SCOPE:
		return "use of a variable on the stack behind its scope";
	case SHADOW_GLOBAL:
		return "out of bounds of a global variable";
	case SHADOW_OBJECT_FREE:
		return "use after free";
	case SHADOW_OBJECT_END:
	case SHADOW_BLOCK_END:
		return "out of bounds of a heap object";
	case SHADOW_FRAME_FREE:
		return "use of a free frame";
	default:
		return "out of bounds";
	}
}

/* A mark that tells how many bytes of eight are open says nothing of what ends there. */
static const char *why(uint64_t closed)
{
	uint8_t mark;

	if (closed < KERNEL_HALF_START)
		return "no address of the kernel";
	mark = *shadow_of(closed);
	if (mark < SHADOW_GRANULE)
		mark = *(shadow_of(closed) + 1);
	return meaning(mark);
}

static void print_row(uint64_t from)
{
	panic_print("  %016lx:", from);
	for (unsigned i = 0; i < ROW_MARKS; i++)
		panic_print(" %02x", *shadow_of(from + i * SHADOW_GRANULE));
	panic_print("\n");
}

/* Within its page: a neighbour may have no shadow. */
static void print_shadow(void)
{
	uint64_t page = reported & ~0x7fffull;
	uint64_t row = reported & ~(ROW_BYTES - 1);

	panic_print("shadow, a byte for eight, from:\n");
	for (unsigned i = 0; i < ROWS; i++) {
		uint64_t at = row + i * ROW_BYTES - ROWS / 2 * ROW_BYTES;

		if ((at & ~0x7fffull) == page)
			print_row(at);
	}
}

static void print_details(void)
{
	if (reported < KERNEL_HALF_START)
		return;
	if (!kasan_describe_global(reported))
		san_describe(reported);
	print_shadow();
}

static _Noreturn void stop(uint64_t at, const char *reason)
{
	static struct panic_section section = {.title = "what lies there", .print = print_details};

	panic_expected(reason);
	kasan_stop();
	reported = at;
	panic_register(&section);
	panic("%s", reason);
}

static const char *caller(const void *from, uint64_t *offset)
{
	const char *name = ksyms_name((uint64_t)from - 1, offset);

	return name ? name : "?";
}

void kasan_report_access(uint64_t closed, uint64_t at, size_t len, bool write, const void *from)
{
	char reason[LOG_LINE_MAX];
	uint64_t offset = 0;
	const char *name = caller(from, &offset);

	format_text(reason, sizeof(reason), "KASAN: %s: %s of %lu bytes at %016lx by %s+0x%lx",
		    why(closed), write ? "write" : "read", len, at, name, offset);
	stop(closed, reason);
}

/* The check has a frame, and is called by who has the address. */
void kasan_report_fault(const struct trapframe *frame, uint64_t fault)
{
	const uint64_t *check = (const uint64_t *)frame->rbp;
	char reason[LOG_LINE_MAX];
	uint64_t offset = 0;
	const char *name = caller((const void *)check[1], &offset);

	format_text(reason, sizeof(reason),
		    "KASAN: no memory there: access near %016lx by %s+0x%lx",
		    (uint64_t)((fault - SHADOW_OFFSET) << SHADOW_SHIFT), name, offset);
	panic_expected(reason);
	kasan_stop();
	panic_trap(frame, "%s", reason);
}

void kasan_report(const char *what, const void *at, const void *from)
{
	char reason[LOG_LINE_MAX];
	uint64_t offset = 0;
	const char *name = caller(from, &offset);

	format_text(reason, sizeof(reason), "KASAN: %s of %016lx by %s+0x%lx", what, (uint64_t)at,
		    name, offset);
	stop((uint64_t)at, reason);
}
