/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M6-05: a handler damages the vector state in its frame. The child dies or goes on; the parent's
 * registers and the kernel stay as they were.
 */
#include "selftest/user/signals.h"

#define KERNEL_HALF    0xffff800000000000ul
#define NON_CANONICAL  0x8000000000000000ul
#define AT_FCW         0
#define AT_MXCSR       24
#define AT_XMM0        160
#define AT_MAGIC1      464
#define AT_SIZE        468
#define AT_XFEATURES   472
#define AT_XSTATE_SIZE 480
#define AT_XSTATE_BV   512
#define AT_XCOMP_BV    520
#define AT_HEADER_REST 528
#define POINTER        -1 /* replaces the pointer to the state */
#define FP_XSTATE      1u
#define MXCSR_DEFAULT  0x1f80u
#define MXCSR_CHOSEN   0x9fc0u

enum want { GOES_ON, DIES, EITHER };

static const struct xvariant {
	int at;
	uint64_t value;
	enum want want;
} variants[] = {
	{AT_XSTATE_BV, UINT64_MAX, DIES},
	{AT_XSTATE_BV, 1ul << 62, DIES},
	{AT_XSTATE_BV, 1ul << 8 | 3, DIES}, /* a supervisor component */
	{AT_XSTATE_BV, 0, GOES_ON},
	{AT_XCOMP_BV, 1ul << 63, DIES},
	{AT_XCOMP_BV, 1ul << 63 | 3, DIES},
	{AT_XCOMP_BV, 3, DIES},
	{AT_HEADER_REST, 1, EITHER},
	{AT_HEADER_REST + 40, UINT64_MAX, EITHER},
	{AT_MXCSR, 0xffff0000ul, EITHER},
	{AT_MXCSR, UINT64_MAX, EITHER},
	{AT_MAGIC1, 0, GOES_ON},
	{AT_XSTATE_SIZE, UINT32_MAX, EITHER},
	{AT_SIZE, 0, EITHER},
	{AT_FCW, UINT64_MAX, EITHER},
	{POINTER, 0, GOES_ON},
	{POINTER, KERNEL_HALF, DIES},
	{POINTER, NON_CANONICAL, DIES},
	{POINTER, 0x10000, DIES},
};

static const struct xvariant *chosen;
static int extended;

static void on_damage(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	if (chosen->at == POINTER)
		context->fpstate = (uint8_t *)(uintptr_t)chosen->value;
	else
		__builtin_memcpy(context->fpstate + chosen->at, &chosen->value, 8);
}

static uint32_t mxcsr_read(void)
{
	uint32_t value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void damage(long index)
{
	chosen = &variants[index];
	handle(SIGUSR1, on_damage, 0);
	kill_self(SIGUSR1);
	/* Reserved bits never got in. */
	child_check(!(mxcsr_read() & 0xffff0000u), 2);
	__asm__ volatile("fninit");
	sys_exit(0);
}

static int as_wanted(int status, enum want want)
{
	int died = killed_by(status) == SIGSEGV;

	return want == GOES_ON ? status == 0 : want == DIES ? died : died || status == 0;
}

static struct {
	uint32_t magic1, magic2, mxcsr;
	uint64_t xmm0, flags;
	uint64_t aligned;
} frame;

/* What a frame holds, and that an edit of it arrives. */
static void on_edit(int signo, struct info *info, struct context *context)
{
	uint32_t size;
	uint64_t fresh = 0x1122334455667788ul;

	(void)signo;
	(void)info;
	frame.flags = context->flags;
	frame.aligned = (uint64_t)context->fpstate & 63;
	__builtin_memcpy(&frame.mxcsr, context->fpstate + AT_MXCSR, 4);
	__builtin_memcpy(&frame.xmm0, context->fpstate + AT_XMM0, 8);
	__builtin_memcpy(&frame.magic1, context->fpstate + AT_MAGIC1, 4);
	__builtin_memcpy(&size, context->fpstate + AT_XSTATE_SIZE, 4);
	if (frame.magic1 == 0x46505853)
		__builtin_memcpy(&frame.magic2, context->fpstate + size, 4);
	__builtin_memcpy(context->fpstate + AT_XMM0, &fresh, 8);
}

static void round_trip(void)
{
	uint64_t xmm0 = 0xa5a5a5a5deadbeeful;
	uint32_t mxcsr = MXCSR_CHOSEN;
	long pid = sys0(SYS_getpid), ret = SYS_kill;

	CHECK(handle(SIGUSR1, on_edit, 0) == 0);
	__asm__ volatile("ldmxcsr %3; movq %1, %%xmm0; syscall; movq %%xmm0, %1; stmxcsr %2"
			 : "+a"(ret), "+r"(xmm0), "=m"(frame.mxcsr)
			 : "m"(mxcsr), "D"(pid), "S"((long)SIGUSR1)
			 : "rcx", "r11", "xmm0", "memory");
	CHECK(ret == 0);
	CHECK(frame.xmm0 == 0xa5a5a5a5deadbeeful);
	CHECK(xmm0 == 0x1122334455667788ul);
	CHECK(frame.mxcsr == MXCSR_CHOSEN);
	CHECK(frame.aligned == 0);
	extended = (frame.flags & FP_XSTATE) != 0;
	CHECK(!extended || (frame.magic1 == 0x46505853 && frame.magic2 == 0x46505845));
	mxcsr = MXCSR_DEFAULT;
	__asm__ volatile("ldmxcsr %0" ::"m"(mxcsr));
}

/* The image lies in pages that nobody has touched yet, wholly or from byte 512 on. */
static uint8_t *moved_to;
static long moved_bytes;

static void on_move(int signo, struct info *info, struct context *context)
{
	(void)signo;
	(void)info;
	for (long i = 0; i < moved_bytes; i++)
		((volatile uint8_t *)moved_to)[i] = context->fpstate[i];
	context->fpstate = moved_to;
}

static void move(long bytes)
{
	uint8_t *pages =
		sys_mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	moved_bytes = bytes;
	moved_to = pages + PAGE - bytes;
	handle(SIGUSR1, on_move, 0);
	kill_self(SIGUSR1);
	/* Zeros stand for a legacy image: MXCSR is 0 when the first page was missing, too. */
	child_check(mxcsr_read() == (bytes ? MXCSR_DEFAULT : 0), 2);
	sys_exit(0);
}

void test_main(const uint64_t *stack)
{
	uint64_t before = 0x0123456789abcdeful, after;

	(void)stack;
	round_trip();
	CHECK(run_child(move, 0) == 0);
	CHECK(run_child(move, 512) == 0);
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const struct xvariant *v = &variants[i];
		int status;

		/* Without XSAVE there is no header: only the 512 bytes can be wrong. */
		if (!extended && v->at >= AT_MAGIC1)
			continue;
		__asm__ volatile("movq %0, %%xmm15" ::"r"(before) : "xmm15");
		status = run_child(damage, (long)i);
		__asm__ volatile("movq %%xmm15, %0" : "=r"(after));
		CHECK(as_wanted(status, v->want));
		CHECK(after == before && mxcsr_read() == MXCSR_DEFAULT);
	}
}
