/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hooks whose floor is not part of this build yet: whoever adds that floor's file takes its line
 * out of here (the linker says so). None can be reached before that floor exists.
 */
#include "drv/tty_hooks.h"
#include "kernel/core/panic.h"
#include "kernel/sched/sched_hooks.h"
#include "kernel/x86/trap_hooks.h"
#include "mm/oom_hooks.h"

/* proc */
bool oom_kill_one(void)
{
	return false;
}

/* proc */
void thread_reap(struct thread *thread)
{
	panic("thread %p ended without processes", (void *)thread);
}

/* proc */
void trap_user_exception(struct trapframe *frame, unsigned vector, uint64_t address)
{
	panic_trap(frame, "exception %u of ring 3 at %llx without processes", vector,
		   (unsigned long long)address);
}

/* proc */
void return_to_user_work(struct trapframe *frame)
{
	panic_trap(frame, "work without processes");
}

/* syscall */
void syscall_linux(struct trapframe *frame)
{
	panic_trap(frame, "system call without processes");
}

/* syscall */
void syscall_native_gate(struct trapframe *frame)
{
	panic_trap(frame, "native call without processes");
}

/* Terminals: no sessions, so nobody to signal. */
void tty_signal_group(struct pid *group, unsigned signal)
{
	(void)group;
	(void)signal;
}

struct pid *tty_pid_get(struct pid *pid)
{
	return pid;
}

void tty_pid_put(struct pid *pid)
{
	(void)pid;
}

int32_t tty_pid_number(const struct pid *pid)
{
	(void)pid;
	return 0;
}

struct pid *tty_current_session(void)
{
	return NULL;
}

struct pid *tty_current_group(void)
{
	return NULL;
}

bool tty_current_is_leader(void)
{
	return false;
}

enum err tty_group_find(int32_t number, struct pid **out)
{
	(void)number;
	(void)out;
	return ERR_SRCH;
}
