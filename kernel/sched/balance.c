/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Equal shares over several CPUs. A group's calendars go by one time on all CPUs: where it is
 * ahead, its threads have had more than elsewhere. So at a quantum's end, which there is only where
 * somebody waits, a CPU gives a thread of the group that is next to one that has fewer of the group
 * and is ahead, or none. Three threads on two CPUs go round in this way.
 *
 * The groups share the machine, not each CPU: who has had less of it has all the turns on a CPU
 * that another wants too. That one's threads go where they have turns.
 */
#include "kernel/sched/balance.h"

#include "kernel/core/epoch.h"
#include "kernel/sched/place.h"

#define LOOKS 7u /* CPUs that one quantum's end looks at */

static bool has_turns(const struct runq *runq, const struct sched_part *part)
{
	const struct thread *running = runq->running;

	return running == runq->idle || !vtime_after(part->turn.vtime, running->part->turn.vtime);
}

/* Context: the lock. */
static struct balance_sample sample(struct runq *runq, const struct sched_group *group)
{
	struct sched_part *part = runq_part(runq, group);
	const struct thread *lone = runq->lone, *running = runq->running;
	bool runs = running != runq->idle && running->part == part;

	/* Where the group would stand if it came. */
	if (!runs && !part->waiting)
		part_learn(group, part);
	return (struct balance_sample){
		.part = part,
		.has_turns = has_turns(runq, part),
		.is_crowded = runq->waiting > 1,
		.members = part->waiting + runs + (lone && lone->part == part),
		.now = part_now(part),
	};
}

bool balance_has_less(const struct balance_sample *theirs, const struct balance_sample *mine)
{
	int64_t ahead = (int64_t)(theirs->now - mine->now);

	if (!theirs->has_turns)
		return false;
	if (mine->members > 1 && !theirs->members)
		return true;
	if (!mine->has_turns && ahead > 0)
		return true;
	/* Among many one more or less is little, and what it lacks it gets there at once. */
	if (mine->is_crowded && ahead > (int64_t)CALENDAR_LAG_NS / 2)
		return true;
	return theirs->members < mine->members && ahead > (int64_t)CALENDAR_STEP_NS;
}

/* As it is now: a CPU with one thread has not charged it for long. */
static struct balance_sample sample_of_other(struct runq *other, const struct sched_group *group,
					     uint64_t now)
{
	struct balance_sample theirs;

	spin_lock(&other->lock);
	running_charge(other);
	runq_tell_group(other);
	part_keep_up(runq_part(other, group), now);
	theirs = sample(other, group);
	spin_unlock(&other->lock);
	return theirs;
}

static bool give_to(struct runq *other, struct runq *runq, const struct balance_sample *mine)
{
	struct thread *thread;

	spin_lock(&runq->lock);
	thread = runq_give_part(runq, mine->part, other->cpu);
	if (thread)
		runq_move(runq, other, thread);
	spin_unlock(&runq->lock);
	if (thread)
		runq_receive(other, thread);
	return thread != NULL;
}

static void keep_up(struct runq *runq, struct balance_sample *mine, uint64_t now)
{
	spin_lock(&runq->lock);
	part_keep_up(mine->part, now);
	mine->now = part_now(mine->part);
	spin_unlock(&runq->lock);
}

/* Context: @group stays, be it without threads meanwhile. */
static void spread(struct runq *runq, const struct sched_group *group, struct balance_sample mine)
{
	uint32_t count = READ_ONCE(runq_count);

	for (uint32_t i = 0; i < MIN(LOOKS, count - 1); i++) {
		uint32_t cpu = (runq->cpu + 1 + runq->next_look++ % (count - 1)) % count;
		struct balance_sample theirs;

		if (!cpu_set_has(&sched_cpus, cpu))
			continue;
		theirs = sample_of_other(runqs[cpu], group, mine.now);
		keep_up(runq, &mine, theirs.now);
		if (balance_has_less(&theirs, &mine) && give_to(runqs[cpu], runq, &mine))
			return;
	}
}

void balance(struct runq *runq)
{
	const struct sched_group *group = NULL;
	struct balance_sample mine;

	epoch_enter();
	spin_lock(&runq->lock);
	if (runq->waiting != runq->realtime.waiting) {
		group = runq_first(runq)->group;
		mine = sample(runq, group);
	}
	spin_unlock(&runq->lock);
	if (group)
		spread(runq, group, mine);
	epoch_exit();
}
