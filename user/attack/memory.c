/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that is not the program's, or not to be used so. */
#include <pthread.h>
#include <sys/auxv.h>

#include "user/attack/attack.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static const uint64_t foreign[] = {
	KERNEL_HALF, KERNEL_HALF + 0x100000, KERNEL_TEXT,        KERNEL_TEXT + 0x200000, USER_LIMIT,
	1UL << 47,   0xfffffe0000000000,     0xffffffffff600000, UINT64_MAX - 7,         0xfee00000,
	0,
};

static void read_it(uint64_t at)
{
	(void)*(volatile uint64_t *)at;
}

static void write_it(uint64_t at)
{
	*(volatile uint64_t *)at = 0;
}

static void run_it(uint64_t at)
{
	__asm__ volatile("call *%0" ::"r"(at) : "memory");
}

static void fault_everywhere(void (*access)(uint64_t))
{
	size_t faulted = 0;

	for (size_t i = 0; i < COUNT_OF(foreign); i++)
		faulted += faults(access, foreign[i]) && fault.signo == SIGSEGV;
	saw_count(faulted, COUNT_OF(foreign), "SIGSEGV");
}

static void read_foreign(void)
{
	fault_everywhere(read_it);
}

static void write_foreign(void)
{
	fault_everywhere(write_it);
}

static void run_foreign(void)
{
	fault_everywhere(run_it);
}

static void map_null(void)
{
	saw_answer((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, ANON | MAP_FIXED, -1, 0));
}

static void map_kernel(void)
{
	saw_answer((long)mmap((void *)KERNEL_HALF, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0));
}

static void move_to_kernel(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);

	saw_answer((long)mremap(page, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, KERNEL_HALF));
}

static void unmap_kernel(void)
{
	saw_answer(munmap((void *)KERNEL_TEXT, PAGE));
}

static void protect_kernel(void)
{
	saw_answer(mprotect((void *)KERNEL_TEXT, PAGE, PROT_READ | PROT_WRITE));
}

static void map_wx(void)
{
	saw_answer((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, ANON, -1, 0));
}

static void protect_wx(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0);

	saw_answer(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
}

/* One mapping to write by, another to run by. */
static void twins(void)
{
	int fd = (int)syscall(SYS_memfd_create, "twins", 0);

	if (fd < 0 || ftruncate(fd, (off_t)PAGE))
		saw_answer(-1);
	if (mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		saw_answer(-1);
	saw_answer((long)mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
}

static void run_stack(void)
{
	volatile uint8_t code[] = {0xc3};

	run_it((uint64_t)code);
}

static void run_heap(void)
{
	uint8_t *code = malloc(16);

	code[0] = 0xc3;
	run_it((uint64_t)code);
}

static volatile uint8_t data_code[] = {0xc3};

static void run_data(void)
{
	run_it((uint64_t)data_code);
}

static void write_text(void)
{
	write_it((uint64_t)read_it);
}

static void write_constant(void)
{
	write_it((uint64_t)foreign);
}

static void write_vdso(void)
{
	write_it(getauxval(AT_SYSINFO_EHDR));
}

static void open_vdso(void)
{
	saw_answer(mprotect((void *)getauxval(AT_SYSINFO_EHDR), PAGE, PROT_READ | PROT_WRITE));
}

/* A neighbour below the stack: the stack must end before it comes there. */
static char *neighbour;

static __attribute__((noinline)) uint64_t recurse(uint64_t depth)
{
	volatile char room[2048];

	memset((void *)room, 0xee, sizeof(room));
	return depth == UINT64_MAX ? 0 : recurse(depth + 1) + (uint64_t)room[depth & 2047];
}

static void recurse_for_ever(uint64_t depth)
{
	recurse(depth);
}

static void stack_into_neighbour(void)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);
	bool faulted;

	neighbour = mmap((void *)((here - (4UL << 20)) & ~(PAGE - 1)), PAGE, PROT_READ | PROT_WRITE,
			 ANON | MAP_FIXED_NOREPLACE, -1, 0);
	if (neighbour == MAP_FAILED)
		saw_answer(-1);
	memset(neighbour, 0x5a, PAGE);
	faulted = faults(recurse_for_ever, 0);
	for (size_t i = 0; i < PAGE; i++)
		if (neighbour[i] != 0x5a)
			saw("the neighbour was written");
	saw("%s, %s from the neighbour", faulted ? "SIGSEGV" : "no fault",
	    fault.address - (uint64_t)neighbour >= 1UL << 20 ? "1 MiB or more" : "near");
}

/* A translation that outlives its page shows what comes into the frame next. */
#define SECRET 0x5ec4e75ec4e75ec4UL
static volatile uint64_t *volatile shared_page;
static volatile int seen_secret, stop;

static void *snoop(void *arg)
{
	(void)arg;
	while (!stop)
		if (*shared_page == SECRET)
			seen_secret = 1;
	return NULL;
}

/* The page's frame goes, and the next frame that is taken gets the secret. */
static void take_away(int rounds)
{
	shared_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0);
	for (int round = 0; round < rounds; round++) {
		*shared_page = (uint64_t)round;
		madvise((void *)shared_page, PAGE, MADV_DONTNEED);
		uint64_t *fresh = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0);
		*fresh = SECRET;
		if (*shared_page == SECRET)
			seen_secret = 1;
		munmap(fresh, PAGE);
	}
}

static void stale_translation(void)
{
	take_away(200);
	saw(seen_secret ? "the frame's next content was seen" : "zeros only, 200 times");
}

static void stale_on_another_cpu(void)
{
	pthread_t thread;

	shared_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, ANON, -1, 0);
	if (pthread_create(&thread, NULL, snoop, NULL))
		saw_answer(-1);
	take_away(300);
	stop = 1;
	pthread_join(thread, NULL);
	saw(seen_secret ? "the frame's next content was seen" : "never seen, 300 times");
}

/* What was freed by one process must come to another as zeros. */
static void dirty_frames(void)
{
	const size_t size = 4 << 20;
	uint64_t *words = mmap(NULL, size, PROT_READ | PROT_WRITE, ANON, -1, 0);

	for (size_t i = 0; i < size / 8; i++)
		words[i] = SECRET;
	munmap(words, size);
	words = mmap(NULL, size, PROT_READ | PROT_WRITE, ANON, -1, 0);
	for (size_t i = 0; i < size / 8; i++)
		if (words[i])
			saw("old content at word %zu", i);
	saw("all zero");
}

#define ROW(what, function, expect, by)                           \
	{                                                         \
		"memory/" what, function, expect, by, NULL, false \
	}
#define OURS(what, function, expect, by)                         \
	{                                                        \
		"memory/" what, function, expect, by, "*", false \
	}

const struct attack memory_attacks[] = {
	ROW("read_foreign", read_foreign, "11 of 11 SIGSEGV", "supervisor pages, empty gap"),
	ROW("write_foreign", write_foreign, "11 of 11 SIGSEGV", "supervisor pages, empty gap"),
	ROW("run_foreign", run_foreign, "11 of 11 SIGSEGV", "supervisor pages, empty gap"),
	OURS("map_null", map_null, "EPERM", "first 64 KiB are never mapped"),
	ROW("map_kernel", map_kernel, "ENOMEM", "user limit"),
	ROW("move_to_kernel", move_to_kernel, "EINVAL", "user limit"),
	ROW("unmap_kernel", unmap_kernel, "EINVAL", "user limit"),
	ROW("protect_kernel", protect_kernel, "ENOMEM", "user limit"),
	OURS("map_wx", map_wx, "EACCES", "W^X"),
	OURS("protect_wx", protect_wx, "EACCES", "W^X"),
	OURS("twins_w_and_x", twins, "EACCES", "W^X over all mappings of a file"),
	ROW("run_stack", run_stack, "SIGSEGV ACCERR", "NX"),
	ROW("run_heap", run_heap, "SIGSEGV ACCERR", "NX"),
	ROW("run_data", run_data, "SIGSEGV ACCERR", "NX"),
	ROW("write_text", write_text, "SIGSEGV ACCERR", "read-only text"),
	ROW("write_constant", write_constant, "SIGSEGV ACCERR", "read-only data"),
	ROW("write_vdso", write_vdso, "SIGSEGV ACCERR", "read-only vDSO"),
	OURS("open_vdso", open_vdso, "EACCES", "vDSO is read-only for good"),
	ROW("stack_into_neighbour", stack_into_neighbour, "SIGSEGV, 1 MiB or more*",
	    "gap below the stack"),
	ROW("stale_translation", stale_translation, "zeros only*", "flush before a frame is freed"),
	ROW("stale_on_another_cpu", stale_on_another_cpu, "never seen*", "flush on every CPU"),
	ROW("dirty_frames", dirty_frames, "all zero", "frames are zeroed"),
	ATTACKS_END,
};
