/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M4-15: the robust list of a thread that ends, with every bad pointer in every place. Nobody is
 * told of an error: what stands before the bad one is given up, the thread ends, nothing stays.
 */
#include "selftest/user/ptr_matrix.h"
#include "selftest/user/service.h"
#include "selftest/user/threads.h"

struct entry {
	uint64_t next;
	uint32_t word, pad;
};

static struct {
	uint64_t first;
	int64_t offset;
	uint64_t pending;
} head;
static struct entry entries[3];
static struct thread thread;
static unsigned cells;

enum place { HEAD, FIRST, NEXT, PENDING, WORD, PLACES };

struct cell {
	enum place place;
	uint64_t bad;
};

static void set_up_list(uint32_t tid)
{
	head.first = (uint64_t)(uintptr_t)&entries[0];
	head.offset = offsetof(struct entry, word);
	head.pending = 0;
	for (unsigned i = 0; i < 3; i++) {
		entries[i].next = (uint64_t)(uintptr_t)(i < 2 ? (void *)&entries[i + 1] : &head);
		entries[i].word = tid | FUTEX_WAITERS;
	}
}

static void ends(long arg)
{
	const struct cell *cell = (const struct cell *)arg;
	uint64_t at = (uint64_t)(uintptr_t)&head;

	set_up_list((uint32_t)gettid());
	switch (cell->place) {
	case HEAD:
		at = cell->bad;
		break;
	case FIRST:
		head.first = cell->bad;
		break;
	case NEXT:
		entries[0].next = cell->bad;
		break;
	case PENDING:
		head.pending = cell->bad;
		break;
	case WORD:
		head.offset = (int64_t)(cell->bad - head.first);
		break;
	case PLACES:
	default:
		break;
	}
	sys3(SYS_set_robust_list, (long)at, 24, 0);
}

/* How many words were given up, from the first on; the others are as they were. */
static unsigned given_up(void)
{
	unsigned count = 0;

	while (count < 3 && entries[count].word == (FUTEX_WAITERS | FUTEX_OWNER_DIED))
		count++;
	for (unsigned i = count; i < 3; i++)
		CHECK(!(entries[i].word & FUTEX_OWNER_DIED));
	return count;
}

static void attack(enum place place, enum badptr column)
{
	struct cell cell = {place, badptr_address(column, sizeof(struct entry))};
	unsigned wanted[] = {[HEAD] = 0, [FIRST] = 0, [NEXT] = 1, [PENDING] = 3, [WORD] = 0};

	CHECK(thread_start(&thread, ends, (long)&cell) > 0);
	thread_join(&thread);
	CHECK(given_up() == wanted[place]);
	cells++;
}

void test_main(const uint64_t *stack)
{
	const struct cell good = {PLACES, 0};
	struct state before, after;

	matrix_begin(stack);
	CHECK(thread_start(&thread, ends, (long)&good) > 0);
	thread_join(&thread);
	CHECK(given_up() == 3);
	before = state_now();
	for (int place = HEAD; place < PLACES; place++)
		for (unsigned column = 0; column < BADPTR_COUNT; column++)
			/* The columns that are bad for reading. */
			if (!(badptr_flags((enum badptr)column) & BAD_WRITES_ONLY) &&
			    !((badptr_flags((enum badptr)column) & BAD_NULL) && place == PENDING))
				attack((enum place)place, (enum badptr)column);
	after = state_now();
	CHECK(same_state(&before, &after));
	matrix_end();
	test_checks = cells;
}
