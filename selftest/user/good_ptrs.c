/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-17 and P-M4-18: the same calls with pointers to good places of every kind succeed, write
 * what they return and not a byte more, and show nothing of the kernel.
 */
#include "selftest/user/ptr_matrix.h"
#include "selftest/user/service.h"

#define SYS_pipe     22
#define COW_PAGES    256
#define LAST_PAGE    (BAD_LIMIT - PAGE)
#define BIG          (4ul << 20)
#define MARK         0x5c
#define MARGIN       64
#define KERNEL_FIRST 0xffff800000000000ul
#define KERNEL_LAST  0xffffffffff000000ul

enum place { IN_BSS, LAZY, COPY_ON_WRITE, FILE_PAGE, STACK, ACROSS_2M, LAST, PLACES };

static uint8_t cow_pages[COW_PAGES][PAGE] __attribute__((aligned(4096)));
static unsigned cow_used, stack_used;
static uint8_t *across;
static unsigned cells;
static bool leaked; /* P-M4-18 rather than P-M4-17 */

/* A child that holds every page once more, until it is killed. */
static void share_pages(void)
{
	char byte;

	for (unsigned i = 0; i < COW_PAGES; i++)
		cow_pages[i][0] = MARK;
	matrix_child = sys_fork();
	if (matrix_child == 0)
		for (;;)
			sys3(SYS_read, FD_READ, (long)&byte, 1);
}

/* The boundary of 2 MiB in the middle half of a mapping, wherever that begins. */
static uint64_t boundary_in(uint64_t big)
{
	return (big + BIG / 4 * 3 - 1) & ~(BIG / 2 - 1);
}

static void set_up_good_places(void)
{
	uint8_t *big = sys_mmap(0, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	CHECK(!mmap_failed(big));
	for (uint64_t at = BIG; at <= 2 * BIG; at += PAGE)
		CHECK(boundary_in(at) >= at + BIG / 4 && boundary_in(at) <= at + BIG / 4 * 3);
	across = (uint8_t *)boundary_in((uint64_t)big);
	CHECK(sys_mmap((void *)LAST_PAGE, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED) == (void *)LAST_PAGE);
}

/* A page that this place has used for nothing yet, where the place is about first touches. */
static uint8_t *fresh_page(enum place place, const uint8_t *sp)
{
	int flags = MAP_PRIVATE | (place == LAZY ? MAP_ANONYMOUS : 0);

	switch (place) {
	case LAZY:
	case FILE_PAGE:
		return (uint8_t *)sys6(SYS_mmap, 0, PAGE, PROT_READ | PROT_WRITE, flags,
				       place == LAZY ? -1 : FD_FILE, 0);
	case COPY_ON_WRITE:
		return cow_pages[cow_used++ % COW_PAGES];
	case STACK:
		return (uint8_t *)((uintptr_t)sp & ~(PAGE - 1)) - 2 * PAGE - PAGE * stack_used++;
	case IN_BSS:
	case ACROSS_2M:
	case LAST:
	case PLACES:
		break;
	}
	return good_pages[5];
}

static uint8_t *pointer_in(enum place place, uint8_t *page, uint64_t n)
{
	if (place == ACROSS_2M)
		return across - n / 2;
	if (place == LAST)
		return (uint8_t *)BAD_LIMIT - n;
	return page + 2 * MARGIN;
}

/* How many bytes a call that says how many really wrote. */
static uint64_t bytes_written(const struct arg_type *type, uint64_t n, long result)
{
	if (type->len_from == ARG_NO_LEN || type->kind != ARG_BYTES || result < 0)
		return n;
	if (type->flags & ARG_READS)
		return n;
	return (uint64_t)result * type->size < n ? (uint64_t)result * type->size : n;
}

static bool all_marks(const uint8_t *from, const uint8_t *to)
{
	while (from < to)
		if (*from++ != MARK)
			return false;
	return true;
}

static bool shows_kernel(const uint8_t *at, uint64_t n)
{
	for (uint64_t i = 0; i + 8 <= n; i++) {
		uint64_t word;

		__builtin_memcpy(&word, at + i, 8);
		if (word == 0xa5a5a5a5a5a5a5a5ul ||
		    (i % 8 == 0 && word >= KERNEL_FIRST && word < KERNEL_LAST))
			return true;
	}
	return false;
}

/* What stands around an output that was marked before: untouched. */
static bool output_is_clean(const struct arg_row *row, const struct arg_type *type, uint8_t *at,
			    uint64_t n, enum place place, long result)
{
	uint64_t wrote = bytes_written(type, n, result);

	if (!(type->flags & ARG_WRITES) || type->kind == ARG_IOVEC || row->number == 4098)
		return true;
	if (row->number != 318 && shows_kernel(at, wrote))
		return false;
	if (type->flags & ARG_READS)
		return true;
	return all_marks(at + wrote, at + n) && all_marks(at - MARGIN, at) &&
	       (place == LAST || all_marks(at + n, at + n + MARGIN));
}

static void undo(const struct arg_row *row, long result, const uint8_t *at)
{
	int32_t ends[2];

	if (result >= 0 && (row->number == 2 || row->number == 85 || row->number == 257))
		sys3(SYS_close, result, 0, 0);
	if (result == 0 && (row->number == SYS_pipe || row->number == SYS_pipe2)) {
		copy(ends, at, sizeof(ends));
		sys3(SYS_close, ends[0], 0, 0);
		sys3(SYS_close, ends[1], 0, 0);
	}
	if (row->number == 435 && result > 0)
		sys6(SYS_wait4, result, 0, 0, 0, 0, 0);
}

/* execve does not return: a child calls it, and the program started so ends with 0. */
static long call_new_program(const struct arg_row *row, const struct ptr_spec *spec,
			     const long args[6])
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0) {
		call_once(row, spec, args);
		sys_exit(1);
	}
	sys_wait(pid, &status);
	return status ? -EFAULT : 0;
}

static bool good_result(const struct ptr_spec *spec, enum place place, long result)
{
	if (place != IN_BSS)
		return result != -EFAULT;
	return spec->twin ? result == spec->twin : result >= 0;
}

static bool cell_is_right(const struct arg_row *row, const struct ptr_spec *spec, unsigned argument,
			  enum place place)
{
	const struct arg_type *type = &row->args[argument];
	uint64_t n = arg_span(type, spec), room;
	uint8_t *page = fresh_page(place, (const uint8_t *)&room), *at;
	bool marks =
		(type->flags & ARG_WRITES) && !(type->flags & ARG_READS) && type->kind != ARG_IOVEC;
	long args[6], result;

	if (type->kind == ARG_STRING)
		n = spec->content[argument] ? text_bytes(spec->content[argument]) : 1;
	else if (type->kind == ARG_STRINGS)
		n = 16;
	else if (type->len_from != ARG_NO_LEN && type->kind == ARG_BYTES)
		n = type->size * (uint64_t)spec->value[type->len_from];
	at = pointer_in(place, page, n);
	valid_arguments(row, spec, args);
	if (marks && place != LAZY && place != FILE_PAGE && place != STACK)
		fill(at - MARGIN, MARK, n + (place == LAST ? MARGIN : 2 * MARGIN));
	else if (!marks)
		copy(at, good_pages[argument], n);
	args[argument] = (long)at;
	service(POISON_STACK, 0);
	result = spec->flags & NEW_PROGRAM ? call_new_program(row, spec, args)
					   : call_once(row, spec, args);
	undo(row, result, at);
	if (!good_result(spec, place, result))
		return false;
	if (place == LAZY || place == FILE_PAGE) {
		sys3(SYS_munmap, (long)page, PAGE, 0);
		return true;
	}
	leaked = place != STACK && !output_is_clean(row, type, at, n, place, result);
	return !leaked;
}

static void run_row(const struct arg_row *row, const struct ptr_spec *spec)
{
	for (unsigned i = 0; i < row->count; i++) {
		if (!arg_is_pointer(&row->args[i]))
			continue;
		/* Calls that can succeed only once did so with their first pointer. */
		bool again = false;

		service(POISON_SLABS, 0);
		for (unsigned j = 0; j < i; j++)
			again |= arg_is_pointer(&row->args[j]);
		for (unsigned place = IN_BSS; place < PLACES; place++) {
			if (!cell_is_right(row, spec, i, place) &&
			    !(again && place == IN_BSS && cell_is_right(row, spec, i, LAST)))
				report_cell(row, i, place + (leaked ? 50 : 0), cells);
			cells++;
		}
	}
}

void test_main(const uint64_t *stack)
{
	/* The row of execve starts this program without a name. */
	if (!*(const char *)stack[1])
		sys_exit(0);
	matrix_begin(stack);
	set_up_good_places();
	share_pages();
	for (size_t i = 0; i < MATRIX_ROWS; i++)
		if (has_pointers(&matrix_rows[i]))
			run_row(&matrix_rows[i], spec_of(&matrix_rows[i]));
	matrix_end();
	test_checks = cells;
}
