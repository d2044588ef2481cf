/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a thread leaves behind in its program's memory when it ends, or when its program is replaced
 * by exec: its robust mutexes are given up, its number is cleared for who joins it. All of that
 * memory is the program's: any of it may be missing or nonsense.
 */
#include "ipc/futex.h"
#include "kernel/sched/inherit.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "proc/task_internal.h"

/* Linux's: a list that goes round is left after so many. */
#define ROBUST_LIST_MAX 2048u
/* Bit 0 of an entry: a mutex that inherits priorities; who waits for it is called by
 * inherit_end(). */
#define ENTRY_PI 1ull

struct robust_head {
	uint64_t first;
	uint64_t offset;  /* from an entry to its word */
	uint64_t pending; /* being taken or given back just now */
};

static void wake_one(struct uaddr at)
{
	(void)!futex_wake((struct futex_word){at, true}, 1, FUTEX_ANY);
}

/* Whoever comes next learns that the owner died. False: the memory is not there. */
static bool give_up_mutex(uint64_t entry, const struct robust_head *head, uint32_t tid,
			  bool is_pending)
{
	struct uaddr at = {(entry & ~ENTRY_PI) + head->offset};
	bool wakes = !(entry & ENTRY_PI);
	uint32_t value, old;

	if (at.raw % sizeof(value) || get_user_u32(&value, at) != OK)
		return false;
	/* Set free already, but died before the wake. */
	if (is_pending && !value && wakes)
		wake_one(at);
	while ((value & FUTEX_TID_MASK) == tid) {
		uint32_t dead = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;

		if (cmpxchg_user_u32(at, value, dead, &old) != OK)
			return false;
		if (old == value) {
			if (value & FUTEX_WAITERS && wakes)
				wake_one(at);
			break;
		}
		value = old;
	}
	return true;
}

static void walk_robust_list(const struct task *task, struct uaddr list)
{
	uint32_t tid = task->pid->number;
	struct robust_head head;

	if (copy_from_user(&head, list, sizeof(head)) != OK)
		return;
	uint64_t entry = head.first;
	for (uint32_t i = 0; i < ROBUST_LIST_MAX && (entry & ~ENTRY_PI) != list.raw; i++) {
		uint64_t next;
		/* Read first: once it is given up, the mutex may be anybody's. */
		enum err err = get_user_u64(&next, (struct uaddr){entry & ~ENTRY_PI});

		if ((entry & ~ENTRY_PI) != (head.pending & ~ENTRY_PI) &&
		    !give_up_mutex(entry, &head, tid, false))
			return;
		if (err != OK)
			return;
		entry = next;
		preempt_point();
	}
	if (head.pending)
		(void)give_up_mutex(head.pending, &head, tid, true);
}

/* Nobody else to tell: then not even the number is cleared, as on Linux. */
static bool shares_memory(const struct process *process)
{
	return READ_ONCE(process->task_count) > 1 || space_is_shared(process->space);
}

void task_release_user(struct task *task)
{
	struct uaddr list = task->robust_list, tid = task->clear_child_tid;

	task->robust_list = UADDR_NULL;
	task->clear_child_tid = UADDR_NULL;
	if (list.raw)
		walk_robust_list(task, list);
	inherit_end();
	if (tid.raw && shares_memory(task->process)) {
		(void)!put_user_u32(tid, 0);
		wake_one(tid);
	}
}
