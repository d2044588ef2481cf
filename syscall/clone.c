/* SPDX-License-Identifier: BSD-2-Clause */
/* New processes and threads. */
#include "mm/usercopy.h"
#include "syscall/user.h"

int64_t sys_fork(struct trapframe *frame)
{
	struct clone_request request = {.flags = SIGCHLD};

	return process_clone(&request, frame);
}

int64_t sys_vfork(struct trapframe *frame)
{
	struct clone_request request = {.flags = CLONE_VM | CLONE_VFORK | SIGCHLD};

	return process_clone(&request, frame);
}

int64_t sys_clone(struct trapframe *frame)
{
	struct clone_request request = {
		.flags = arg_u32(frame, 0),
		.stack = arg(frame, 1),
		.parent_tid = arg_uaddr(frame, 2),
		.child_tid = arg_uaddr(frame, 3),
		.tls = arg(frame, 4),
	};

	return process_clone(&request, frame);
}

struct user_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup;
};
static_assert(sizeof(struct user_clone_args) == 88, "struct clone_args");

#define CLONE_ARGS_BYTES_MIN 64u
#define CLONE_SIGNAL_BITS    0xffull
/* What the structure can ask for and this kernel has not: libcs then take clone. */
#define CLONE3_ABSENT 0xffffffff00001000ull

static enum err read_clone_args(struct user_clone_args *args, struct uaddr from, uint64_t size)
{
	if (size > PAGE_SIZE)
		return ERR_2BIG;
	if (size < CLONE_ARGS_BYTES_MIN)
		return ERR_INVAL;
	return user_struct_get(args, sizeof(*args), from, size);
}

static enum err check_clone_args(const struct user_clone_args *args)
{
	uint64_t flags = args->flags;

	if (!args->set_tid != !args->set_tid_size)
		return ERR_INVAL;
	if ((flags & CLONE3_ABSENT) || args->set_tid)
		return ERR_NOSYS;
	if (flags & (CLONE_SIGNAL_BITS | CLONE_DETACHED))
		return ERR_INVAL;
	if (args->exit_signal > SIGNAL_COUNT ||
	    (args->exit_signal && (flags & (CLONE_THREAD | CLONE_PARENT))))
		return ERR_INVAL;
	if (!args->stack != !args->stack_size)
		return ERR_INVAL;
	return user_range_ok((struct uaddr){args->stack}, args->stack_size) ? OK : ERR_INVAL;
}

int64_t sys_clone3(struct trapframe *frame)
{
	struct user_clone_args args = {0};
	enum err err = read_clone_args(&args, arg_uaddr(frame, 0), arg(frame, 1));

	if (err == OK)
		err = check_clone_args(&args);
	if (err != OK)
		return err;
	struct clone_request request = {
		.flags = args.flags | args.exit_signal,
		.stack = args.stack ? args.stack + args.stack_size : 0,
		.parent_tid = {args.parent_tid},
		.child_tid = {args.child_tid},
		.tls = args.tls,
	};

	return process_clone(&request, frame);
}
