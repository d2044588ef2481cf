/* SPDX-License-Identifier: BSD-2-Clause */
/* The decision between SYSRET and IRETQ, and what a frame may never give to ring 3. */
#include "kernel/x86/trapframe.h"
#include "selftest/selftest.h"

#define GOOD_RIP   0x401000ull
#define GOOD_FLAGS (RFLAGS_FIXED | RFLAGS_IF)

static struct trapframe good_frame(void)
{
	return (struct trapframe){.rip = GOOD_RIP,
				  .rcx = GOOD_RIP,
				  .rflags = GOOD_FLAGS,
				  .r11 = GOOD_FLAGS,
				  .cs = USER_CS,
				  .ss = USER_SS,
				  .rsp = 0x7ffffffde000ull};
}

static bool allowed_rip(uint64_t rip)
{
	struct trapframe frame = good_frame();

	frame.rip = rip;
	frame.rcx = rip;
	return sysret_allowed(&frame);
}

static bool allowed_flags(uint64_t flags)
{
	struct trapframe frame = good_frame();

	frame.rflags = flags;
	frame.r11 = flags;
	return sysret_allowed(&frame);
}

SELFTEST(M5, 3, sysret_by_address)
{
	CHECK(allowed_rip(GOOD_RIP));
	CHECK(allowed_rip(0));
	CHECK(allowed_rip(0x7fffffffefffull));
	CHECK(!allowed_rip(0x7ffffffff000ull));
	CHECK(!allowed_rip(0x7fffffffffffull));
	CHECK(!allowed_rip(0x800000000000ull));
	CHECK(!allowed_rip(0x8000000000000000ull));
	CHECK(!allowed_rip(0xffff7fffffffffffull));
	CHECK(!allowed_rip(0xffff800000000000ull));
	CHECK(!allowed_rip(0xffffffffffffffffull));
	return true;
}

SELFTEST(M5, 3, sysret_by_flags)
{
	CHECK(allowed_flags(GOOD_FLAGS));
	CHECK(allowed_flags(GOOD_FLAGS | RFLAGS_CF | RFLAGS_DF | RFLAGS_AC | RFLAGS_ID));
	CHECK(!allowed_flags(GOOD_FLAGS | RFLAGS_TF));
	CHECK(!allowed_flags(GOOD_FLAGS | RFLAGS_RF));
	CHECK(!allowed_flags(GOOD_FLAGS | BIT(12)));
	CHECK(!allowed_flags(GOOD_FLAGS | BIT(13)));
	CHECK(!allowed_flags(GOOD_FLAGS | RFLAGS_VM));
	CHECK(!allowed_flags(GOOD_FLAGS & ~RFLAGS_IF));
	return true;
}

SELFTEST(M5, 3, sysret_by_registers)
{
	struct trapframe frame = good_frame();

	CHECK(sysret_allowed(&frame));
	frame.rcx++;
	CHECK(!sysret_allowed(&frame));
	frame = good_frame();
	frame.r11 ^= RFLAGS_CF;
	CHECK(!sysret_allowed(&frame));
	frame = good_frame();
	frame.cs = 0x23;
	CHECK(!sysret_allowed(&frame));
	frame = good_frame();
	frame.ss = KERNEL_SS;
	CHECK(!sysret_allowed(&frame));
	return true;
}

SELFTEST(M5, 5, forced_segments_and_flags)
{
	struct trapframe frame = {.cs = KERNEL_CS, .ss = KERNEL_SS, .rflags = ~0ull};

	trapframe_force_user(&frame);
	CHECK(frame.cs == USER_CS && frame.ss == USER_SS);
	CHECK(!(frame.rflags & (RFLAGS_IOPL | RFLAGS_VM | RFLAGS_VIF | RFLAGS_VIP)));
	CHECK(!(frame.rflags >> 22));
	CHECK(frame.rflags & RFLAGS_IF && frame.rflags & RFLAGS_FIXED);
	frame.rflags = 0;
	trapframe_force_user(&frame);
	CHECK(frame.rflags == (RFLAGS_IF | RFLAGS_FIXED));
	return true;
}
