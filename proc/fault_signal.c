/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions of ring 3 become signals, with Linux's numbers, codes and addresses. */
#include "kernel/core/log.h"
#include "kernel/core/log_rate.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/trap.h"
#include "kernel/x86/trap_hooks.h"
#include "mm/space/fault.h"
#include "proc/signal_internal.h"

struct fault_row {
	uint8_t signal; /* 0: as a general protection fault */
	bool at_rip;    /* si_addr is the instruction, else 0 */
	int16_t code;
};

static const struct fault_row fault_rows[32] = {
	[TRAP_DE] = {SIGFPE, true, FPE_INTDIV},  [TRAP_DB] = {SIGTRAP, true, TRAP_BRKPT},
	[TRAP_BP] = {SIGTRAP, false, SI_KERNEL}, [TRAP_UD] = {SIGILL, true, ILL_ILLOPN},
	[TRAP_NP] = {SIGBUS, false, SI_KERNEL},  [TRAP_SS] = {SIGBUS, false, SI_KERNEL},
	[TRAP_GP] = {SIGSEGV, false, SI_KERNEL}, [TRAP_MF] = {SIGFPE, true, FPE_FLTINV},
	[TRAP_AC] = {SIGBUS, false, BUS_ADRALN}, [TRAP_XM] = {SIGFPE, true, FPE_FLTINV},
};

/* The first of the unmasked floating-point exceptions; 0 when there is none (any more). */
static int32_t float_code(uint32_t flags)
{
	if (flags & FPU_INVALID)
		return FPE_FLTINV;
	if (flags & FPU_DIVIDE)
		return FPE_FLTDIV;
	if (flags & FPU_OVERFLOW)
		return FPE_FLTOVF;
	if (flags & (FPU_UNDERFLOW | FPU_DENORMAL))
		return FPE_FLTUND;
	return flags & FPU_PRECISION ? FPE_FLTRES : 0;
}

static struct signal_info page_fault_info(const struct trapframe *frame, uint64_t address)
{
	struct signal_info info = {.signo = SIGSEGV, .code = SEGV_MAPERR, .fault.address = address};

	/*
	 * Of the kernel half nobody learns more than that it is not theirs. Without the user bit it
	 * was the CPU's own access to a table or a stack (SDM vol 3, 4.7): nothing was looked up
	 * for it.
	 */
	if (address >= USER_END || !(frame->error & FAULT_USER))
		return info;
	switch (fault_last_result()) {
	case FAULT_ACCERR:
		info.code = SEGV_ACCERR;
		break;
	case FAULT_BUS:
		info.signo = SIGBUS;
		info.code = BUS_ADRERR;
		break;
	case FAULT_OOM:
		info.signo = SIGKILL;
		info.code = SI_KERNEL;
		break;
	case FAULT_OK:
	case FAULT_MAPERR:
		break;
	}
	return info;
}

static struct signal_info exception_info(const struct trapframe *frame, unsigned vector)
{
	const struct fault_row *row =
		&fault_rows[vector < ARRAY_SIZE(fault_rows) ? vector : TRAP_GP];
	struct signal_info info = {0};

	if (!row->signal)
		row = &fault_rows[TRAP_GP];
	info.signo = row->signal;
	info.code = row->code;
	info.fault.address = row->at_rip ? frame->rip : 0;
	/* Ring 3 has no breakpoint registers: it is a single step, or the ICEBP instruction. */
	if (vector == TRAP_DB && (frame->rflags & RFLAGS_TF))
		info.code = TRAP_TRACE;
	if (vector == TRAP_MF || vector == TRAP_XM)
		info.code = float_code(fpu_exceptions(vector == TRAP_XM));
	return info;
}

/* A thread of the process may give it another table of handlers; without one nobody does. */
static bool is_handled(const struct task *task, uint64_t bit)
{
	const struct process *process = task->process;
	bool alone = __atomic_load_n(&process->task_count, __ATOMIC_ACQUIRE) == 1;

	if (!alone)
		lglock_lock(&process_lock);
	bool handled = process->handlers->handled & ~task->blocked & bit;
	if (!alone)
		lglock_unlock(&process_lock);
	return handled;
}

/* What nobody handles is worth a line, but not a flood of them. */
static void tell(const struct trapframe *frame, unsigned vector, uint64_t address, int32_t signo)
{
	static struct log_rate rate;
	const struct task *task = task_current();
	const struct process *process = task->process;

	if ((process->flags & PROCESS_TEST) || is_handled(task, signal_bit((unsigned)signo)))
		return;
	if (log_allowed(&rate, "fault"))
		log_info("fault",
			 "%s[%u]: exception %u error %llx at %llx, address %llx, stack %llx",
			 task->thread.name, process->pid->number, vector,
			 (unsigned long long)frame->error, (unsigned long long)frame->rip,
			 (unsigned long long)address, (unsigned long long)frame->rsp);
}

void trap_user_exception(struct trapframe *frame, unsigned vector, uint64_t address)
{
	struct task *task = task_current();
	struct signal_info info =
		vector == TRAP_PF ? page_fault_info(frame, address) : exception_info(frame, vector);

	/* A floating-point exception that is masked again by now: the instruction runs once more.
	 */
	if (!info.code)
		return;
	/* Only the page fault's own: whether a kernel page is present is nobody's business. */
	task->fault.vector = vector;
	task->fault.error = frame->error | (address >= USER_END ? FAULT_PRESENT : 0);
	if (vector == TRAP_PF)
		task->fault.address = address;
	tell(frame, vector, address, info.signo);
	signal_handle_now(frame, &info);
}
