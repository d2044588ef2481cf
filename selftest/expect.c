/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/expect.h"

#include "kernel/core/panic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/percpu.h"
#include "mm/shadow_map.h"

/* One expectation at a time; what other CPUs do meanwhile is not expected. */
static struct {
	uint32_t cpu;
	bool armed;
	bool caught;
	struct fault got;
	struct trapframe regs;
	const struct trapframe *frame;
	struct expect_slot slot;
} state;

static bool on_fault(struct trapframe *frame, unsigned vector, uint64_t address)
{
	if (!state.armed || state.cpu != cpu_id())
		return false;
	state.armed = false;
	state.caught = true;
	state.got = (struct fault){vector, frame->error, address, frame->rip};
	state.regs = *frame;
	state.frame = frame;
	if (vector != TRAP_PF && vector != TRAP_DF && vector != TRAP_DB)
		state.got.address = 0;
	/* Ring 3's frame cannot be bent to ring 0: leave from here, on the thread's own stack. */
	if (trapframe_from_user(frame))
		expect_leave(&state.slot);
	frame->rip = (uint64_t)expect_landing;
	frame->rsp = state.slot.rsp;
	frame->rflags &= ~(RFLAGS_TF | RFLAGS_AC | RFLAGS_DF | RFLAGS_NT);
	return true;
}

bool catch_fault(struct fault *got, void (*fn)(void *), void *arg)
{
	bool (*before)(struct trapframe *, unsigned, uint64_t) = trap_expect_hook;
	uint64_t flags = read_rflags();
	bool left;

	state.caught = false;
	state.cpu = cpu_id();
	state.armed = true;
	trap_expect_hook = on_fault;
	left = expect_call(fn, arg, &state.slot);
	if (CONFIG_SAN)
		shadow_forget_frames();
	state.armed = false;
	trap_expect_hook = before;
	irq_restore(flags);
	if (!left || !state.caught)
		return false;
	*got = state.got;
	return true;
}

bool expect_fault(const struct fault *wanted, void (*fn)(void *), void *arg)
{
	struct fault got;

	return catch_fault(&got, fn, arg) && got.vector == wanted->vector &&
	       got.error == wanted->error && got.address == wanted->address &&
	       got.rip == wanted->rip;
}

const struct trapframe *expect_last_frame(void)
{
	return state.frame;
}

const struct trapframe *expect_last_regs(void)
{
	return &state.regs;
}

bool expect_read_fault(uint64_t address, uint64_t error)
{
	struct fault wanted = {TRAP_PF, error, address, (uint64_t)probe_read_at};

	return expect_fault(&wanted, probe_read, (void *)address);
}

bool expect_write_fault(uint64_t address, uint64_t error)
{
	struct fault wanted = {TRAP_PF, error, address, (uint64_t)probe_write_at};

	return expect_fault(&wanted, probe_write, (void *)address);
}

bool expect_exec_fault(uint64_t address, uint64_t error)
{
	struct fault wanted = {TRAP_PF, error, address, address};

	return expect_fault(&wanted, probe_exec, (void *)address);
}

bool expect_read_ok(uint64_t address)
{
	struct fault got;

	return !catch_fault(&got, probe_read, (void *)address);
}

static _Noreturn void on_assert(const char *condition)
{
	(void)condition;
	state.caught = true;
	expect_leave(&state.slot);
}

bool expect_assert(void (*fn)(void *), void *arg)
{
	uint64_t flags = read_rflags();
	bool left;

	state.caught = false;
	panic_expect_assert(on_assert);
	left = expect_call(fn, arg, &state.slot);
	if (CONFIG_SAN)
		shadow_forget_frames();
	panic_expect_assert(NULL);
	irq_restore(flags);
	return left && state.caught;
}

__unchecked_memory void flip_unchecked(void *at)
{
	*(uint8_t *)at ^= 0xff;
}
