/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel side of a user copy: inside one object, or the kernel stops (P-M3-08). */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <unistd.h>

#include "kernel/x86/sections.h"
#include "tests/unit/usercopy_fake.h"

static jmp_buf stopped;
static size_t page_offset;

static void on_abort(int signal)
{
	(void)signal;
	siglongjmp(stopped, 1);
}

enum way { READ, WRITE, WRITE_ZEROED, WRITE_STRING };

static void use(void *kernel, size_t n, enum way way)
{
	if (way == READ)
		(void)!copy_to_user_partial(user(0), kernel, n);
	else if (way == WRITE)
		(void)!copy_from_user_nofault_partial(kernel, user(0), n);
	else if (way == WRITE_ZEROED)
		(void)!copy_from_user_partial(kernel, user(0), n);
	else
		(void)!string_from_user(kernel, user(0), n);
}

/* Whether the kernel stops rather than uses @n bytes at @kernel, or of page 1 if that is NULL. */
static bool stops(void *kernel, size_t n, enum way way)
{
	int keep = dup(2), nowhere = open("/dev/null", O_WRONLY);
	struct sigaction on = {.sa_handler = on_abort, .sa_flags = SA_NODEFER}, before;
	volatile bool stopped_here = false;

	dup2(nowhere, 2);
	sigaction(SIGABRT, &on, &before);
	if (sigsetjmp(stopped, 1))
		stopped_here = true;
	else if (kernel)
		use(kernel, n, way);
	else
		(void)!copy_page_to_user(user(0), &frames[1], page_offset, n);
	sigaction(SIGABRT, &before, NULL);
	dup2(keep, 2);
	close(keep);
	close(nowhere);
	cpu.nofault_depth = 0;
	return stopped_here;
}

/* [at, at + len) is one object: what is inside is taken, what is a byte beyond is not. */
static void check_object(void *at, size_t len, bool reads, bool writes)
{
	uint8_t *start = at;

	for (enum way way = READ; way <= WRITE; way++) {
		bool may = way == WRITE ? writes : reads;

		CHECK_EQ(!stops(start, len, way), may);
		CHECK_EQ(!stops(start, len - 1, way), may);
		CHECK_EQ(!stops(start + len - 1, 1, way), may);
		CHECK(stops(start, len + 1, way));
		CHECK(stops(start + 1, len, way));
		CHECK(stops(start + len - 1, ~0ull, way));
	}
}

static void test_image(void)
{
	check_object(rodata_start, 64, true, false);
	check_object(init_rodata_start, 64, true, false);
	check_object(init_data_start, 64, true, true);
	check_object(data_start, 64, true, false);
	check_object(ro_after_init_end, 64, true, true);
	CHECK(stops(rodata_end, 1, READ) && stops(init_rodata_end, 1, READ));
	CHECK(stops(init_data_end, 1, READ) && stops(data_end, 1, READ));
	CHECK(stops(data_end, 0, WRITE));
}

static void test_memory(void)
{
	room = 100;
	frames[1].type = FRAME_SLAB;
	CHECK(!stops(ram + 4096, 100, WRITE) && stops(ram + 4096, 101, WRITE));
	frames[1].type = FRAME_ANON - 1;
	CHECK(!stops(ram + 4096, 100, WRITE) && stops(ram + 4096, 101, WRITE));
	frames[1].type = FRAME_ANON;
	CHECK(!stops(ram + 4096, 4096, WRITE) && stops(ram + 4096, 4097, WRITE));
	CHECK(!stops(ram + 4196, 3996, WRITE) && stops(ram + 4196, 3997, WRITE));
	CHECK(!stops(ram + 4096, 4096, WRITE_ZEROED) && stops(ram + 4096, 4097, WRITE_ZEROED));
	CHECK(!stops(ram + 4096, 4096, WRITE_STRING) && stops(ram + 4096, 4097, WRITE_STRING));
	CHECK(!stops(ram + 8191, 1, WRITE) && !stops(ram + 8191, 100, WRITE));
	CHECK(stops(ram + 8191, 101, WRITE));
	CHECK(!stops(vector_state, 512, WRITE) && !stops(vector_state, 1, READ));
	CHECK(stops(vector_state, 513, WRITE) && stops(vector_state + 1, 1, WRITE));
	CHECK(stops(vector_state - 1, 1, WRITE) && stops(vector_state - 1, 1, READ));
	cpu.current = NULL;
	CHECK(stops(vector_state, 512, WRITE) && !stops(ram + 4096, 4096, WRITE));
	cpu.current = &thread;
}

/* What is below the frame of the copy, or beyond the stack's top, is nobody's. */
static __noinline void test_stack(void)
{
	uint8_t object[64], *top = thread.stack_top;

	CHECK(!stops(object, sizeof(object), WRITE) && !stops(object, sizeof(object), READ));
	CHECK(!stops(object, (size_t)(top - object), WRITE));
	CHECK(stops(object, (size_t)(top - object) + 1, WRITE));
	CHECK(!stops(top - 1, 1, WRITE) && stops(top, 1, WRITE));
	CHECK(stops(object - 65536, 1, WRITE));
	cpu.current = NULL;
	CHECK(stops(object, 1, WRITE));
	cpu.current = &thread;
}

static bool page_stops(size_t offset, size_t n)
{
	page_offset = offset;
	return stops(NULL, n, READ);
}

static void test_page(void)
{
	CHECK(!page_stops(0, 4096) && !page_stops(4096, 0) && !page_stops(1, 4095));
	CHECK(page_stops(0, 4097) && page_stops(1, 4096) && page_stops(4096, 1));
	CHECK(page_stops(4097, 0));
	frames[1].type = FRAME_SLAB;
	CHECK(page_stops(0, 1));
	frames[1].type = FRAME_ANON;
}

int main(void)
{
	usercopy_begin(__builtin_frame_address(0));
	test_image();
	test_memory();
	test_stack();
	test_page();
	usercopy_end();
	return check_done("kernel_side");
}
