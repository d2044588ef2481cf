/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/job_control.h"

/* Whether @parent, from outside the group, looks after @member. */
static bool controls(const struct process *parent, const struct process *member)
{
	return parent && !(parent->flags & PROCESS_INIT) && parent->group != member->group &&
	       parent->session == member->session;
}

bool group_has_control_locked(const struct pid *group, const struct process *leaving,
			      const struct process *heir)
{
	list_for_each(node, &group->group)
	{
		const struct process *member = list_entry(node, struct process, group_link);
		const struct process *parent = member->parent;

		if (member == leaving || member->state != PROCESS_LIVE)
			continue;
		if (controls(leaving && parent == leaving ? heir : parent, member))
			return true;
	}
	return false;
}

/* Stopped members are rare: they are counted, so that only their groups are looked through. */
static void release_one_locked(struct pid *group, const struct process *leaving,
			       const struct process *heir)
{
	if (likely(!group->stopped) || group_has_control_locked(group, leaving, heir))
		return;
	signal_send_group_locked(group, SIGHUP);
	signal_send_group_locked(group, SIGCONT);
}

void group_release_locked(const struct process *leaving, const struct process *heir)
{
	list_for_each(node, &leaving->children)
	{
		struct process *child = list_entry(node, struct process, sibling);

		if (controls(leaving, child))
			release_one_locked(child->group, leaving, heir);
	}
	if (controls(leaving->parent, leaving))
		release_one_locked(leaving->group, leaving, heir);
}
