/* SPDX-License-Identifier: BSD-2-Clause */
/* sched_setattr(2), sched_getattr(2): a scheduling class with all that belongs to it. */
#include "kernel/lib/bits.h"

#include "mm/usercopy.h"
#include "proc/priority.h"
#include "syscall/user.h"

struct user_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t realtime;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};
static_assert(sizeof(struct user_sched_attr) == 56, "struct sched_attr");

#define ATTR_BYTES_FIRST 48u /* without util_min and util_max */

#define FLAG_RESET_ON_FORK 0x01u
#define FLAG_KEEP_POLICY   0x08u
#define FLAG_KEEP_PARAMS   0x10u
#define FLAG_UTIL_CLAMP    0x60u
#define FLAGS_KNOWN        (FLAG_RESET_ON_FORK | FLAG_KEEP_POLICY | FLAG_KEEP_PARAMS)

/* Whoever asks for more than there is learns how much that would be. */
static enum err too_big(struct uaddr from)
{
	(void)!put_user_u32(from, sizeof(struct user_sched_attr));
	return ERR_2BIG;
}

static enum err read_attr(struct user_sched_attr *attr, struct uaddr from)
{
	/* No structure is shorter, whatever it says. */
	enum err err = copy_from_user(attr, from, ATTR_BYTES_FIRST);
	uint32_t size = attr->size ? attr->size : ATTR_BYTES_FIRST;

	if (err != OK)
		return err;
	if (size < ATTR_BYTES_FIRST || size > PAGE_SIZE)
		return too_big(from);
	*attr = (struct user_sched_attr){0};
	err = user_struct_get(attr, sizeof(*attr), from, size);
	if (err == ERR_2BIG)
		return too_big(from);
	if (err == OK && (attr->flags & FLAG_UTIL_CLAMP))
		err = size < sizeof(*attr) ? ERR_INVAL : ERR_OPNOTSUPP;
	return err;
}

static int64_t set_attr(uint32_t thread, const struct user_sched_attr *attr)
{
	struct priority_request request = {
		.policy = attr->flags & FLAG_KEEP_POLICY ? POLICY_KEEP : attr->policy,
		.realtime = (int32_t)MIN(attr->realtime, RT_PRIORITY_MOST + 1),
		.nice = MAX(MIN(attr->nice, NICE_MOST), NICE_LEAST),
		.reset_on_fork = attr->flags & FLAG_RESET_ON_FORK,
		.keeps_params = attr->flags & FLAG_KEEP_PARAMS,
		.budget = {attr->runtime, attr->deadline,
			   attr->period ? attr->period : attr->deadline},
	};

	if ((int32_t)attr->policy < 0 || (attr->flags & ~(uint64_t)FLAGS_KNOWN))
		return ERR_INVAL;
	return priority_policy_set(thread, &request);
}

int64_t sys_sched_setattr(struct trapframe *frame)
{
	struct user_sched_attr attr = {0};
	enum err err;

	if (!arg(frame, 1) || arg_int(frame, 0) < 0 || arg_u32(frame, 2))
		return ERR_INVAL;
	err = read_attr(&attr, arg_uaddr(frame, 1));
	return err == OK ? set_attr(arg_u32(frame, 0), &attr) : err;
}

int64_t sys_sched_getattr(struct trapframe *frame)
{
	uint32_t size = arg_u32(frame, 2);
	struct priority_request now;
	struct user_sched_attr attr;
	enum err err;

	if (!arg(frame, 1) || arg_int(frame, 0) < 0 || size > PAGE_SIZE ||
	    size < ATTR_BYTES_FIRST || arg_u32(frame, 3))
		return ERR_INVAL;
	err = priority_policy_get(arg_u32(frame, 0), &now);
	if (err != OK)
		return err;
	attr = (struct user_sched_attr){
		.size = (uint32_t)MIN(size, sizeof(attr)),
		.policy = now.policy,
		.flags = now.reset_on_fork ? FLAG_RESET_ON_FORK : 0,
		.nice = now.nice,
		.realtime = (uint32_t)now.realtime,
		.runtime = now.budget.runtime_ns,
		.deadline = now.budget.deadline_ns,
		.period = now.budget.period_ns,
	};
	return copy_to_user(arg_uaddr(frame, 1), &attr, attr.size);
}
