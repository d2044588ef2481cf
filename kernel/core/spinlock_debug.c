/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners, places and counts of spinlocks. */
#include "kernel/lib/bits.h"

#include "kernel/core/lock_stat.h"
#include "kernel/core/panic.h"
#include "kernel/core/spinlock_internal.h"
#include "kernel/x86/cpus.h"

/* Of each CPU, by rank; no two CPUs write to the same. */
static struct spin_cpu {
	struct lock_count counts[LOCK_RANK_COUNT];
	const char *places[LOCK_RANK_COUNT];
	uint64_t held; /* ranks: apart from the mask that the rank check goes by */
} __aligned(64) spin_cpus[LIMIT_CPUS];

void spin_note_taken(struct spinlock *lock, const char *place)
{
	uint32_t self = cpu_id() + 1;
	struct spin_cpu *mine = &spin_cpus[self - 1];
	struct lock_count *count = &mine->counts[lock_rank(lock->bit)];

	count->taken++;
	if (lock->note.last && lock->note.last != self)
		count->moved++;
	lock->note.last = self;
	lock->note.place = place;
	mine->places[lock_rank(lock->bit)] = place;
	mine->held |= lock->bit;
	WRITE_ONCE(lock->note.owner, self);
}

void spin_note_contended(struct spinlock *lock)
{
	spin_cpus[cpu_id()].counts[lock_rank(lock->bit)].contended++;
}

void spin_note_released(struct spinlock *lock)
{
	spin_cpus[cpu_id()].held &= ~lock->bit;
	WRITE_ONCE(lock->note.owner, 0);
}

uint64_t spin_ranks_noted(unsigned cpu)
{
	return READ_ONCE(spin_cpus[cpu].held);
}

void lock_stat_mutex(unsigned rank, bool contended, bool moved)
{
	struct lock_count *count = &spin_cpus[cpu_id()].counts[rank];

	count->taken++;
	count->contended += contended;
	count->moved += moved;
}

struct lock_count lock_stat_read(unsigned rank)
{
	struct lock_count sum = {0};

	for (unsigned cpu = 0; cpu < LIMIT_CPUS; cpu++) {
		const struct lock_count *count = &spin_cpus[cpu].counts[rank];

		sum.taken += READ_ONCE(count->taken);
		sum.contended += READ_ONCE(count->contended);
		sum.moved += READ_ONCE(count->moved);
	}
	return sum;
}

const char *spin_taken_at(unsigned cpu, unsigned rank)
{
	const char *place = READ_ONCE(spin_cpus[cpu].places[rank]);

	return place ? place : "?";
}

/* 1 + the CPU that holds @lock; 0: nobody. */
static uint32_t spin_owner(const struct spinlock *lock)
{
	return READ_ONCE(lock->note.owner);
}

bool lock_stat_cpu(unsigned cpu, unsigned rank, struct spin_row *row)
{
	const struct spinlock *lock = READ_ONCE(spin_waits[cpu].lock);

	row->waits = lock && lock_rank(lock->bit) == rank;
	if (!row->waits && !(spin_ranks_noted(cpu) >> rank & 1))
		return false;
	row->place = row->waits ? READ_ONCE(spin_waits[cpu].place) : spin_taken_at(cpu, rank);
	return true;
}

/* Who holds what this one waits for, who holds what that one waits for, … back to this one? */
static bool waits_for_itself(const struct spinlock *lock)
{
	for (unsigned steps = 0; lock && steps < LIMIT_CPUS; steps++) {
		uint32_t owner = spin_owner(lock);

		if (owner == 0)
			return false;
		if (owner - 1 == cpu_id())
			return true;
		lock = READ_ONCE(spin_waits[owner - 1].lock);
	}
	return false;
}

/*
 * What is read along the way may be old. But one who waits for a lock of this CPU's waits on, so
 * from the second walk on his locks stay his, from the third on those of the next one, and so on.
 */
void spin_cycle_check(const struct spinlock *lock)
{
	for (unsigned walks = 0; walks < LIMIT_CPUS; walks++)
		if (!waits_for_itself(lock))
			return;
	panic_assert("no deadlock of spinlocks", lock_name(lock_rank(lock->bit)),
		     spin_taken_at(spin_owner(lock) - 1, lock_rank(lock->bit)));
}
