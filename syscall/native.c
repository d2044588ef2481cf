/* SPDX-License-Identifier: BSD-2-Clause */
/* Bartizan's own calls. Those of the selftests answer ENOSYS to everybody the runner has not
 * marked. */
#include "kernel/core/audit.h"
#include "kernel/sched/sched.h"
#include "kernel/sched/thread.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/sections.h"
#include "mm/frame.h"
#include "mm/init.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/usercopy.h"
#include "proc/process.h"
#include "syscall/syscalls.h"
#include "syscall/test_report.h"

/* What probe_state shows. */
#define PROBE_COUNTERS  0u
#define PROBE_ADDRESSES 1u
#define PROBE_DRAINED   2u /* the counters with all caches empty, so that frames are exact */

int64_t sys_native_yield(struct trapframe *frame)
{
	(void)frame;
	thread_yield();
	return 0;
}

int64_t sys_native_test_report(struct trapframe *frame)
{
	if (!test_report_allowed())
		return ERR_NOSYS;
	test_report_add(arg(frame, 0), arg(frame, 1) != 0, arg(frame, 2));
	return 0;
}

/* What only the runner can do for its programs; its own code, which is gone after boot. */
int64_t sys_native_test_service(struct trapframe *frame)
{
	return test_report_allowed() ? test_report_serve(arg(frame, 0), arg(frame, 1)) : ERR_NOSYS;
}

/* Counters that a call refused must leave alone. */
static void probe_counters(uint64_t state[8])
{
	state[0] = frame_free_count();
	state[1] = slab_used_count();
	state[2] = pid_count();
	state[3] = process_count();
	state[4] = sched_timer_count();
	state[5] = commit_total();
	state[6] = usercopy_fault_count();
	state[7] = audit_head();
}

/* Places of the kernel that no call may touch for a program: they mean nothing after the boot. */
static void probe_addresses(const struct trapframe *frame, uint64_t state[8])
{
	state[0] = (uint64_t)process_current();
	state[1] = (uint64_t)text_start;
	state[2] = (uint64_t)frame;
	state[3] = (uint64_t)cpu_self();
}

int64_t sys_native_probe_state(struct trapframe *frame)
{
	uint64_t state[8] = {0};

	if (!test_report_allowed())
		return ERR_NOSYS;
	switch (arg_u32(frame, 0)) {
	case PROBE_DRAINED:
		tasks_settle();
		mm_drain();
		probe_counters(state);
		break;
	case PROBE_COUNTERS:
		probe_counters(state);
		break;
	case PROBE_ADDRESSES:
		probe_addresses(frame, state);
		break;
	default:
		return ERR_INVAL;
	}
	return copy_to_user(arg_uaddr(frame, 1), state, sizeof(state));
}
