/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals as ring 3 sees them; the programs run on Linux with the same results. */
#include "kernel/lib/string.h"

#include "kernel/x86/trapframe.h"
#include "proc/signal_internal.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

SELFTEST(M2, 5, exceptions_as_signals, .needs = M11)
{
	CHECK_PROGRAM("exception_codes");
	return true;
}

/* The first layer by itself: the exit path forces the same once more. */
SELFTEST(M5, 5, forged_registers, .needs = M11)
{
	struct trapframe frame = {.rflags = RFLAGS_IF | RFLAGS_FIXED};
	struct signal_registers registers;

	memset(&registers, 0xff, sizeof(registers));
	registers.rip = USER_START;
	signal_registers_load(&frame, &registers);
	CHECK(frame.cs == USER_CS && frame.ss == USER_SS);
	CHECK(!(frame.rflags & (RFLAGS_IOPL | RFLAGS_VM | RFLAGS_VIF | RFLAGS_VIP | RFLAGS_NT)));
	CHECK(!(frame.rflags >> 22));
	CHECK(frame.rip == USER_START && frame.rsp == UINT64_MAX && frame.r15 == UINT64_MAX);
	memset(&registers, 0, sizeof(registers));
	signal_registers_load(&frame, &registers);
	CHECK(frame.cs == USER_CS && frame.ss == USER_SS);
	CHECK(frame.rflags == (RFLAGS_IF | RFLAGS_FIXED));
	return true;
}

SELFTEST(M5, 5, forged_frames, .needs = M11)
{
	CHECK_PROGRAM("forged_frames");
	return true;
}

SELFTEST(M6, 5, forged_vector_state, .needs = M11)
{
	CHECK_PROGRAM("forged_xstate");
	return true;
}

/* The mask is read once: whatever it is then, what is ignored by default never ends anybody. */
SELFTEST(M11, 9, masks_do_not_make_signals_deadly)
{
	static struct signal_handlers none;
	static struct process process = {.handlers = &none};

	for (unsigned number = 1; number <= SIGNAL_COUNT; number++) {
		uint64_t bit = signal_bit(number);
		bool is_ignored = bit & SIGNALS_DEFAULT_IGNORED;

		process.flags = 0;
		CHECK(signal_fate(&process, bit, bit) == SIGNAL_PENDS);
		CHECK(signal_fate(&process, ~bit, bit) ==
		      (is_ignored ? SIGNAL_DROPPED
				  : (bit & SIGNALS_STOP ? SIGNAL_PENDS : SIGNAL_KILLS)));
		process.flags = PROCESS_INIT;
		CHECK(signal_fate(&process, 0, bit) == SIGNAL_DROPPED);
	}
	return true;
}

SELFTEST(M11, 9, signals)
{
	CHECK_PROGRAM("signals");
	return true;
}

SELFTEST(M11, 9, queued_signals)
{
	CHECK_PROGRAM("queued");
	return true;
}

SELFTEST(M11, 9, timers)
{
	CHECK_PROGRAM("timers");
	return true;
}

SELFTEST(M11, 9, stopping_and_continuing)
{
	CHECK_PROGRAM("stopping");
	return true;
}

SELFTEST(M11, 9, sleeping_calls_and_rights)
{
	CHECK_PROGRAM_MUTED("signal_waits");
	return true;
}
