/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What mm/usercopy.c stands on: pages of RAM, a thread, and primitives that touch a window of user
 * memory. */
#include "kernel/sched/thread.h"
#include "kernel/x86/usercopy_raw.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/usercopy.h"
#include "tests/unit/check.h"

#define WINDOW 8192u
#define PAGES  4u
#define FAULT  (-14)

/* The image's parts, one behind the other; nobody reads them. */
__asm__(".pushsection .data\n"
	".globl rodata_start, rodata_end, init_rodata_start, init_rodata_end, init_data_start\n"
	".globl init_data_end, data_start, ro_after_init_end, data_end\n"
	"rodata_start: .skip 64\n rodata_end: .skip 64\n"
	"init_rodata_start: .skip 64\n init_rodata_end: .skip 64\n"
	"init_data_start: .skip 64\n init_data_end: .skip 64\n"
	"data_start: .skip 64\n ro_after_init_end: .skip 64\n data_end: .skip 64\n"
	".popsection\n");

struct layout layout;
uint64_t ram_end;
uint64_t sim_now;
bool sim_irq_on;
static struct cpu cpu;
struct cpu *sim_self = &cpu;
static struct thread thread;
static struct frame *frames;
static uint8_t *ram, *vector_state;
static size_t room; /* what slab_room() says */

/* User memory: what of the window is there begins at @base and ends at @end. */
static uint8_t window[WINDOW];
static uint64_t base, end;
static unsigned touched;        /* calls of a primitive */
static bool is_nofault, is_set; /* what they are to find, and whether they did */

size_t slab_room(const void *pointer)
{
	CHECK((const uint8_t *)pointer >= ram && (const uint8_t *)pointer < ram + ram_end);
	return room;
}

size_t fpu_state_size(void)
{
	return 512;
}

/* The rule once more, in numbers that cannot wrap. */
static inline bool may_be_user(uint64_t at, uint64_t len)
{
	unsigned __int128 behind = (unsigned __int128)at + len;

	return behind <= USER_END && (len == 0 || at >= USER_START);
}

/* Where @n bytes at @at are in the window; *left: how many of them are not there. */
static inline uint8_t *find(const void *at, size_t n, size_t *left)
{
	uint64_t address = (uint64_t)at;

	touched++;
	is_set = is_nofault == (cpu.nofault_depth == 1) && cpu.nofault_depth < 2;
	CHECK(may_be_user(address, n));
	if (address < base || address >= end) {
		*left = n;
		return window;
	}
	*left = n > end - address ? n - (end - address) : 0;
	return window + (address - base);
}

static inline bool is_user(const void *at)
{
	return (uint64_t)at >= base - WINDOW && (uint64_t)at < base + 2 * WINDOW;
}

size_t usercopy_raw(void *to, const void *from, size_t n)
{
	size_t left;
	uint8_t *at = find(is_user(to) ? to : from, n, &left);

	if (is_user(to))
		memcpy(at, from, n - left);
	else
		memcpy(to, at, n - left);
	return left;
}

size_t usercopy_clear(void *to, size_t n)
{
	size_t left;
	uint8_t *at = find(to, n, &left);

	memset(at, 0, n - left);
	return left;
}

int64_t usercopy_string(char *to, const char *from, size_t size)
{
	size_t left, len;
	const uint8_t *at = find(from, size, &left);

	len = strnlen((const char *)at, size - left);
	memcpy(to, at, len + (len < size - left));
	return len == size - left && left ? FAULT : (int64_t)len;
}

static inline int word(void *kernel, void *user, size_t n, bool writes)
{
	size_t left;
	uint8_t *at = find(user, n, &left);

	if (left)
		return FAULT;
	memcpy(writes ? at : kernel, writes ? kernel : at, n);
	return 0;
}

int usercopy_get_u32(uint32_t *to, const uint32_t *user)
{
	return word(to, (void *)(uintptr_t)user, sizeof(*to), false);
}

int usercopy_get_u64(uint64_t *to, const uint64_t *user)
{
	return word(to, (void *)(uintptr_t)user, sizeof(*to), false);
}

int usercopy_put_u32(uint32_t *user, uint32_t value)
{
	return word(&value, user, sizeof(value), true);
}

int usercopy_put_u64(uint64_t *user, uint64_t value)
{
	return word(&value, user, sizeof(value), true);
}

int usercopy_cmpxchg_u32(uint32_t *user, uint32_t expected, uint32_t desired, uint32_t *found)
{
	if (word(found, user, sizeof(*found), false))
		return FAULT;
	return *found == expected ? word(&desired, user, sizeof(desired), true) : 0;
}

static inline void set_window(uint64_t at, uint64_t len)
{
	base = at;
	end = at + len;
	for (unsigned i = 0; i < WINDOW; i++)
		window[i] = (uint8_t)(1 + i % 251);
}

static inline uint8_t *place(uint64_t at)
{
	return window + (at >= base && at < end ? at - base : 0);
}

static inline struct uaddr user(uint64_t at)
{
	return (struct uaddr){at};
}

/* @top: what is below is the thread's stack. */
static inline void usercopy_begin(void *top)
{
	ram = aligned_alloc(4096, PAGES * 4096);
	frames = calloc(PAGES, sizeof(*frames));
	vector_state = malloc(512);
	layout = (struct layout){.physmap = (uint64_t)ram, .frames = (uint64_t)frames};
	ram_end = PAGES * 4096;
	frames[1].type = FRAME_ANON;
	thread.stack_top = top;
	thread.context.fpu = vector_state;
	cpu.current = &thread;
}

static inline void usercopy_end(void)
{
	free(ram);
	free(frames);
	free(vector_state);
}
