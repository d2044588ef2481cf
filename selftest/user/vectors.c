/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M6-02, P-M6-03: x87, XMM, YMM and MXCSR belong to one process: a filler and a scanner take
 * turns; fork copies them, a handler's frame keeps them, exec and a new process begin with
 * defaults.
 */
#include "selftest/user/again.h"
#include "selftest/user/signals.h"

#define TURNS 20

/* An XSAVE image without further components: 512 legacy, 64 header, 256 upper halves. */
struct image {
	uint8_t bytes[1024];
} __attribute__((aligned(64)));

static struct image filled, saved;
static int has_avx;

static void look_for_avx(void)
{
	uint32_t a = 1, b, c = 0, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	has_avx = (c >> 27 & 1) && (c >> 28 & 1);
}

static void state_save(struct image *image)
{
	if (has_avx)
		__asm__ volatile("xsave64 (%0)" ::"r"(image), "a"(7), "d"(0) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" ::"r"(image) : "memory");
}

static void state_load(const struct image *image)
{
	if (has_avx)
		__asm__ volatile("xrstor64 (%0)" ::"r"(image), "a"(7), "d"(0) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" ::"r"(image) : "memory");
}

/* Every byte of the registers from the seed; rounding modes in both control words. */
static void image_fill(struct image *image, uint8_t seed)
{
	__builtin_memset(image, 0, sizeof(*image));
	*(uint16_t *)image->bytes = 0x0b7f;
	image->bytes[4] = 0xff; /* all eight x87 registers hold something */
	*(uint32_t *)(image->bytes + 24) = 0x3f80;
	for (unsigned i = 0; i < 8 * 16; i++)
		image->bytes[32 + i] = i % 16 < 10 ? (uint8_t)(seed + i) : 0;
	for (unsigned i = 0; i < 256; i++)
		image->bytes[160 + i] = (uint8_t)(seed ^ i);
	if (!has_avx)
		return;
	image->bytes[512] = 7; /* XSTATE_BV */
	for (unsigned i = 0; i < 256; i++)
		image->bytes[576 + i] = (uint8_t)(seed + 3 * i);
}

static int is_same(const struct image *a, const struct image *b)
{
	unsigned end = has_avx ? 832 : 416;

	if (*(const uint16_t *)a->bytes != *(const uint16_t *)b->bytes ||
	    a->bytes[4] != b->bytes[4])
		return 0;
	for (unsigned i = 24; i < end; i++)
		if ((i < 28 || i >= 32) && (i < 416 || i >= 576) && a->bytes[i] != b->bytes[i])
			return 0;
	return 1;
}

/* As FNINIT and a reset leave them. An absent component of XSTATE_BV stands for its default. */
static int is_default(const struct image *image)
{
	static struct image initial;

	*(uint16_t *)initial.bytes = 0x37f;
	*(uint32_t *)(initial.bytes + 24) = 0x1f80;
	return is_same(image, &initial);
}

static void take_turns(long seed)
{
	image_fill(&filled, (uint8_t)(seed * 77 + 1));
	for (unsigned i = 0; i < test_rounds(TURNS); i++) {
		state_load(&filled);
		sys0(SYS_sched_yield);
		state_save(&saved);
		child_check(is_same(&saved, &filled), 2);
	}
	state_load(&filled);
	for (volatile int i = 0; i < 150000; i++)
		;
	state_save(&saved);
	child_check(is_same(&saved, &filled), 3);
	if (seed == 3)
		sys3(SYS_kill, sys0(SYS_getpid), SIGKILL, 0); /* with all registers full */
}

static void players(void)
{
	long pid[4];
	int status;

	for (long i = 0; i < 4; i++) {
		pid[i] = sys_fork();
		if (pid[i] == 0) {
			take_turns(i);
			sys_exit(0);
		}
	}
	for (long i = 0; i < 4; i++) {
		CHECK(pid[i] > 0 && sys_wait(pid[i], &status) == pid[i]);
		CHECK(status == (i == 3 ? SIGKILL : 0));
	}
}

static void on_signal(int signo, struct info *info, struct context *context)
{
	static struct image other;

	(void)signo;
	(void)info;
	(void)context;
	image_fill(&other, 0xe1);
	state_load(&other);
}

static void handlers_and_forks(void)
{
	image_fill(&filled, 0x42);
	CHECK(handle(SIGUSR1, on_signal, 0) == 0);
	state_load(&filled);
	kill_self(SIGUSR1);
	state_save(&saved);
	CHECK(is_same(&saved, &filled));
	state_load(&filled);
	long pid = sys_fork();
	state_save(&saved);
	int status = -1;
	if (pid == 0)
		sys_exit(is_same(&saved, &filled) ? 0 : 4);
	CHECK(is_same(&saved, &filled));
	CHECK(sys_wait(pid, &status) == pid && status == 0);
}

static const uint64_t *start_stack;

static void exec_full(long unused)
{
	(void)unused;
	state_load(&filled);
	again(start_stack, 'x');
}

void test_main(const uint64_t *stack)
{
	look_for_avx();
	state_save(&saved);
	if (again_word(stack))
		sys_exit(is_default(&saved) ? 0 : 5);
	CHECK(is_default(&saved));
	start_stack = stack;
	players();
	handlers_and_forks();
	CHECK(run_child(exec_full, 0) == 0);
}
