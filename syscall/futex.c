/* SPDX-License-Identifier: BSD-2-Clause */
/* futex(2): one number for many calls, told apart here. */
#include "ipc/futex.h"

#include "kernel/lib/bits.h"

#include "proc/process.h"
#include "syscall/user.h"

#define FUTEX_WAIT        0u
#define FUTEX_WAKE        1u
#define FUTEX_REQUEUE     3u
#define FUTEX_CMP_REQUEUE 4u
#define FUTEX_WAKE_OP     5u
#define FUTEX_LOCK_PI     6u
#define FUTEX_UNLOCK_PI   7u
#define FUTEX_TRYLOCK_PI  8u
#define FUTEX_WAIT_BITSET 9u
#define FUTEX_WAKE_BITSET 10u
#define FUTEX_LOCK_PI2    13u
#define FUTEX_PRIVATE     128u
#define FUTEX_REALTIME    256u
#define FUTEX_COMMAND     (~(FUTEX_PRIVATE | FUTEX_REALTIME))

static struct futex_word word_arg(const struct trapframe *frame, unsigned index)
{
	return (struct futex_word){arg_uaddr(frame, index), !(arg_u32(frame, 1) & FUTEX_PRIVATE)};
}

/* WAIT's time counts from now; the others' is a point on one of two clocks, LOCK_PI's on the real
 * one. */
static enum err deadline_of(const struct trapframe *frame, uint64_t *deadline)
{
	uint32_t op = arg_u32(frame, 1), command = op & FUTEX_COMMAND;
	uint64_t ns, now;
	enum err err;

	*deadline = TIME_NEVER;
	if (!arg(frame, 3))
		return OK;
	err = user_time_get(&ns, arg_uaddr(frame, 3));
	if (err != OK)
		return err;
	if (op & FUTEX_REALTIME || command == FUTEX_LOCK_PI) {
		now = time_realtime_ns();
		*deadline = user_deadline(ns > now ? ns - now : 0);
	} else {
		*deadline = command == FUTEX_WAIT ? user_deadline(ns) : MAX(ns, 1ull);
	}
	return OK;
}

/* Interrupted with a time set, a handler ends it; without one it goes on to the same deadline. */
static int64_t wait_until_deadline(struct trapframe *frame, uint64_t deadline)
{
	bool has_bits = (arg_u32(frame, 1) & FUTEX_COMMAND) == FUTEX_WAIT_BITSET;
	enum err err = futex_wait(word_arg(frame, 0), arg_u32(frame, 2),
				  has_bits ? arg_u32(frame, 5) : FUTEX_ANY, deadline);

	return err == ERR_RESTARTSYS && deadline != TIME_NEVER
		       ? signal_restart_later(wait_until_deadline, deadline)
		       : err;
}

static int64_t wait(struct trapframe *frame, bool has_bits)
{
	uint64_t deadline;
	enum err err = deadline_of(frame, &deadline);

	if (err == OK && has_bits && !arg_u32(frame, 5))
		err = ERR_INVAL;
	return err == OK ? wait_until_deadline(frame, deadline) : err;
}

static int64_t wake(const struct trapframe *frame, uint32_t bits)
{
	return bits ? futex_wake(word_arg(frame, 0), arg_int(frame, 2), bits) : ERR_INVAL;
}

static int64_t requeue(const struct trapframe *frame, bool compares)
{
	struct futex_move move = {
		.from = word_arg(frame, 0),
		.to = word_arg(frame, 4),
		.wake = arg_u32(frame, 2),
		.requeue = arg_u32(frame, 3),
		.compares = compares,
		.expected = arg_u32(frame, 5),
	};

	if ((int32_t)move.wake < 0 || (int32_t)move.requeue < 0)
		return ERR_INVAL;
	return futex_requeue(&move);
}

/* 12 bits with a sign. */
static int32_t field_of(uint32_t code, unsigned shift)
{
	return (int32_t)(code >> shift << 20) >> 20;
}

#define OP_SHIFTS 8u /* the argument is the number of a bit */

static int64_t wake_op(const struct trapframe *frame)
{
	uint32_t code = arg_u32(frame, 5);
	uint32_t change = code >> 28 & 7, compare = code >> 24 & 15;
	struct futex_op op = {
		.first = word_arg(frame, 0),
		.second = word_arg(frame, 4),
		.wake_first = arg_int(frame, 2),
		.wake_second = arg_int(frame, 3),
		.change = (enum futex_change)change,
		.compare = (enum futex_compare)compare,
		.change_by = field_of(code, 12),
		.compare_with = field_of(code, 0),
	};

	if (change > FUTEX_XOR || compare > FUTEX_GE)
		return ERR_NOSYS;
	if (code >> 28 & OP_SHIFTS)
		op.change_by = (int32_t)(1u << (op.change_by & 31));
	return futex_wake_op(&op);
}

static uint32_t my_number(void)
{
	return task_current()->pid->number;
}

static int64_t lock_pi(const struct trapframe *frame)
{
	uint64_t deadline;
	enum err err = deadline_of(frame, &deadline);

	return err == OK ? futex_pi_lock(word_arg(frame, 0), my_number(), deadline, false) : err;
}

int64_t sys_futex(struct trapframe *frame)
{
	uint32_t op = arg_u32(frame, 1), command = op & FUTEX_COMMAND;

	if ((op & FUTEX_REALTIME) && command != FUTEX_WAIT_BITSET && command != FUTEX_LOCK_PI2)
		return ERR_NOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return wait(frame, false);
	case FUTEX_WAIT_BITSET:
		return wait(frame, true);
	case FUTEX_WAKE:
		return wake(frame, FUTEX_ANY);
	case FUTEX_WAKE_BITSET:
		return wake(frame, arg_u32(frame, 5));
	case FUTEX_REQUEUE:
		return requeue(frame, false);
	case FUTEX_CMP_REQUEUE:
		return requeue(frame, true);
	case FUTEX_WAKE_OP:
		return wake_op(frame);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return lock_pi(frame);
	case FUTEX_TRYLOCK_PI:
		return futex_pi_lock(word_arg(frame, 0), my_number(), TIME_NEVER, true);
	case FUTEX_UNLOCK_PI:
		return futex_pi_unlock(word_arg(frame, 0), my_number());
	default:
		return ERR_NOSYS;
	}
}
