/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Futexes: sleeping on a 32-bit word of user memory until somebody who changed it wakes. What the
 * word means is the programs' business; here it is only compared, and by wake-op changed.
 *
 * A word is known by its key. Of a private futex that is the space and the address; of a shared one
 * the memory object and the offset in it where the memory is shared, so every process that maps it
 * meets there. Sleepers stand in hashed buckets; a value is compared under its bucket's lock.
 *
 * Context: threads of a process, may sleep and fault; no locks. Words are in the running thread's
 * space. Errors of all: ERR_INVAL for a misaligned address, ERR_FAULT for one that is not there.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

#include "mm/addr.h"

#define FUTEX_ANY 0xffffffffu /* the bitset that meets every other */

/* A robust mutex's word: who holds it, and whether somebody waits. */
#define FUTEX_WAITERS    0x80000000u
#define FUTEX_OWNER_DIED 0x40000000u
#define FUTEX_TID_MASK   0x3fffffffu

/* A word as calls name it. */
struct futex_word {
	struct uaddr at;
	bool is_shared; /* also between spaces; false: FUTEX_PRIVATE_FLAG */
};

/** Once, after mm_init(). Return: OK or ERR_NOMEM. */
enum err futex_init(void);

/**
 * Sleep while the word holds @expected, until a wake whose bits meet @bits.
 *
 * Return: OK; ERR_AGAIN when it holds something else; ERR_TIMEDOUT; ERR_RESTARTSYS for a signal.
 */
enum err futex_wait(struct futex_word word, uint32_t expected, uint32_t bits, uint64_t deadline_ns);

/** Wake up to @count sleepers, at least one as on Linux. Return: how many, or an error. */
int64_t futex_wake(struct futex_word word, int32_t count, uint32_t bits);

/**
 * Take the word, which becomes @number, the running thread's; whoever has it inherits the
 * priorities of all who wait (kernel/sched/inherit.h). @tries: not by waiting, ERR_AGAIN instead.
 *
 * Return: OK, also when the owner died: then the word has FUTEX_OWNER_DIED; ERR_DEADLK when it is
 * this thread's, or its owner waits for this thread; ERR_SRCH: the word names no thread; ERR_INVAL:
 * it names another than those who wait know, or there are sleepers of another kind; ERR_NOMEM;
 * ERR_TIMEDOUT; ERR_RESTARTNOINTR for a signal.
 */
enum err futex_pi_lock(struct futex_word word, uint32_t number, uint64_t deadline_ns, bool tries);

/** Hand it to the most urgent one who waits. Return: also ERR_PERM, when the word is not @number.
 */
enum err futex_pi_unlock(struct futex_word word, uint32_t number);

struct futex_move {
	struct futex_word from, to;
	uint32_t wake;    /* how many of @from's sleepers wake */
	uint32_t requeue; /* and how many of the others sleep at @to from then on */
	bool compares;    /* only while @from holds @expected, else ERR_AGAIN */
	uint32_t expected;
};

/** Return: how many sleepers were woken or moved, or an error. */
int64_t futex_requeue(const struct futex_move *move);

/* FUTEX_WAKE_OP, taken apart. */
enum futex_change { FUTEX_SET, FUTEX_ADD, FUTEX_OR, FUTEX_ANDN, FUTEX_XOR };
enum futex_compare { FUTEX_EQ, FUTEX_NE, FUTEX_LT, FUTEX_LE, FUTEX_GT, FUTEX_GE };

struct futex_op {
	struct futex_word first, second;
	int32_t wake_first, wake_second; /* as futex_wake() takes them */
	enum futex_change change;
	enum futex_compare compare;
	int32_t change_by, compare_with;
};

/**
 * Change the second word in one step; wake sleepers of the first, and of the second when its old
 * value compares as asked. Return: how many woke, or an error.
 */
int64_t futex_wake_op(const struct futex_op *op);
