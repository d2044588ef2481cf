/* SPDX-License-Identifier: BSD-2-Clause */
/* kernel/core/epoch: nothing is freed while a reader that may have found it reads. */
#include "kernel/core/epoch.h"
#include "tests/interleave/cases.h"
#include "tests/interleave/machine.h"

struct node {
	struct epoch_node epoch;
	unsigned value; /* 0: freed */
};

static struct node nodes[2];
static struct node *published;
static unsigned freed;

static void setup(void)
{
	epoch_init();
	nodes[0].value = nodes[1].value = 1;
	published = &nodes[0];
	freed = 0;
}

static void free_node(struct epoch_node *epoch)
{
	struct node *node = container_of(epoch, struct node, epoch);

	MUST(READ_ONCE(node->value) == 1);
	WRITE_ONCE(node->value, 0); /* or the readers' looks would be no points */
	freed++;
}

static void read_published(void)
{
	epoch_enter();
	const struct node *node = __atomic_load_n(&published, __ATOMIC_ACQUIRE);
	MUST(READ_ONCE(node->value) == 1);
	epoch_enter();
	MUST(READ_ONCE(node->value) == 1);
	epoch_exit();
	MUST(READ_ONCE(node->value) == 1);
	epoch_exit();
}

static void replace(struct node *by)
{
	struct node *old = __atomic_exchange_n(&published, by, __ATOMIC_ACQ_REL);

	epoch_retire(&old->epoch, free_node);
}

static void retire_and_drain(unsigned cpu)
{
	if (cpu) {
		read_published();
		return;
	}
	replace(&nodes[1]);
	epoch_drain();
}

/* Each reads what the other one replaces, and waits for it. */
static void both_drain(unsigned cpu)
{
	static struct node own[2];

	own[cpu].value = 1;
	read_published();
	replace(&own[cpu]);
	epoch_drain();
}

static void check(void)
{
	MUST(freed >= 1 && published->value == 1 && epoch_pending() == 0);
}

const struct scenario epoch_reader = {"epoch", 2, 3, setup, retire_and_drain, check};
const struct scenario epoch_readers = {"epoch readers", 3, 2, setup, retire_and_drain, check};
const struct scenario epoch_both = {"epoch both", 2, 2, setup, both_drain, check};
