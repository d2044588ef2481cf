/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * P-M7-03: the vDSO tells the same time as the calls do, its pages can be neither changed nor
 * grown, and where the counter is said to be no clock it asks the kernel.
 */
#include "selftest/user/again.h"
#include "selftest/user/probe.h"

#define SYS_clock_getres 229
#define SYS_getcpu       309
#define SYS_gettimeofday 96

#define PT_DYNAMIC 2
#define DT_HASH    4
#define DT_STRTAB  5
#define DT_SYMTAB  6

#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED   2

#define EACCES 13

/* kernel/core/clock_page.h */
#define PAGE_MULT   1
#define PAGE_USABLE 4

struct times {
	int64_t seconds, part;
};

struct functions {
	int (*clock_gettime)(int clock, struct times *out);
	int (*gettimeofday)(struct times *out, void *zone);
	int64_t (*time)(int64_t *out);
	int (*clock_getres)(int clock, struct times *out);
	int (*getcpu)(unsigned *cpu, unsigned *node, void *unused);
};

static uint64_t image;

static int same_text(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* Where the dynamic section of the image at @base says that @tag is. */
static uint64_t dynamic(uint64_t base, uint64_t tag)
{
	const uint8_t *header = (const uint8_t *)base;
	uint64_t at = *(const uint64_t *)(header + 32);
	const uint64_t *entry = NULL;

	for (unsigned i = *(const uint16_t *)(header + 56); i--; at += 56)
		if (*(const uint32_t *)(base + at) == PT_DYNAMIC)
			entry = (const uint64_t *)(base + *(const uint64_t *)(base + at + 16));
	for (; entry && entry[0]; entry += 2)
		if (entry[0] == tag)
			return base + entry[1];
	return 0;
}

static void *find(uint64_t base, const char *name)
{
	const uint32_t *hash = (const uint32_t *)dynamic(base, DT_HASH);
	const char *strings = (const char *)dynamic(base, DT_STRTAB);
	const uint8_t *symbols = (const uint8_t *)dynamic(base, DT_SYMTAB);

	if (!hash || !strings || !symbols)
		return NULL;
	for (uint32_t i = 1; i < hash[1]; i++)
		if (same_text(strings + *(const uint32_t *)(symbols + 24ul * i), name))
			return (void *)(base + *(const uint64_t *)(symbols + 24ul * i + 8));
	return NULL;
}

static struct functions functions_at(uint64_t base)
{
	return (struct functions){
		.clock_gettime = find(base, "__vdso_clock_gettime"),
		.gettimeofday = find(base, "__vdso_gettimeofday"),
		.time = find(base, "__vdso_time"),
		.clock_getres = find(base, "__vdso_clock_getres"),
		.getcpu = find(base, "__vdso_getcpu"),
	};
}

static int is_image(uint64_t base)
{
	struct functions f = functions_at(base);

	return base && !(base & (PAGE - 1)) && *(const uint32_t *)base == 0x464c457f &&
	       *(const uint16_t *)(base + 16) == 3 /* ET_DYN */ && f.clock_gettime &&
	       f.gettimeofday && f.time && f.clock_getres && f.getcpu;
}

static int64_t kernel_ns(int clock)
{
	struct times now = {-1, 0};

	return sys3(SYS_clock_gettime, clock, (long)&now, 0) == 0
		       ? now.seconds * 1000000000 + now.part
		       : -1;
}

/* What the vDSO says lies between what the kernel says before and after. */
static int tells_the_time(const struct functions *f, int clock)
{
	struct times now = {-1, -1};
	int64_t before = kernel_ns(clock);
	int result = f->clock_gettime(clock, &now);
	int64_t after = kernel_ns(clock), ns = now.seconds * 1000000000 + now.part;

	return result == 0 && now.part >= 0 && now.part < 1000000000 && before >= 0 &&
	       before <= ns && ns <= after;
}

static int agrees(const struct functions *f)
{
	static const int clocks[] = {0, 1, 2, 3, 4, 5, 6, 7, 11};
	static const int none[] = {8, 10, 12, 32, 33, -5};
	struct times now;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++)
		if (!tells_the_time(f, clocks[i]) || f->clock_getres(clocks[i], &now) != 0 ||
		    now.seconds != 0 || now.part != 1 || f->clock_getres(clocks[i], NULL) != 0)
			return 0;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (f->clock_gettime(none[i], &now) != -EINVAL ||
		    f->clock_getres(none[i], &now) != -EINVAL)
			return 0;
	return 1;
}

static int agrees_on_the_rest(const struct functions *f)
{
	int64_t zone = -1, seconds = 0, before = kernel_ns(0) / 1000, now;
	unsigned cpu = 77, node = 77;
	struct times day;

	if (f->gettimeofday(&day, &zone) != 0 || f->gettimeofday(NULL, NULL) != 0 || zone != 0)
		return 0;
	now = day.seconds * 1000000 + day.part;
	if (now < before || now > kernel_ns(0) / 1000)
		return 0;
	now = f->time(&seconds);
	if (now != seconds || now < before / 1000000 || now > kernel_ns(0) / 1000000000)
		return 0;
	return f->getcpu(&cpu, &node, NULL) == 0 && cpu == 0 && node == 0 &&
	       f->getcpu(NULL, NULL, NULL) == 0;
}

static void pages_stay(uint64_t clock)
{
	CHECK(gives((void *)image, PROBE_READ, 0) && gives((void *)clock, PROBE_READ, 0));
	CHECK(gives((void *)image, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives((void *)clock, PROBE_WRITE, SEGV_ACCERR));
	CHECK(gives((void *)clock, PROBE_EXEC, SEGV_ACCERR));
	for (uint64_t page = clock; page <= image; page += PAGE) {
		CHECK(sys3(SYS_mprotect, (long)page, PAGE, PROT_READ | PROT_WRITE) == -EACCES);
		CHECK(sys6(SYS_mremap, (long)page, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0, 0) ==
		      -EFAULT);
	}
	CHECK(sys3(SYS_mprotect, (long)clock, PAGE, PROT_READ | PROT_EXEC) == -EACCES);
	/* A call that would write there finds out, too. */
	CHECK(sys3(SYS_clock_gettime, 1, (long)clock, 0) == -EFAULT);
	CHECK(sys3(SYS_clock_gettime, 1, (long)image, 0) == -EFAULT);
}

static void in_a_child(long unused)
{
	struct functions f = functions_at(image);

	(void)unused;
	child_check(agrees(&f), 2);
}

static void without(long unused)
{
	struct functions f = functions_at(image);
	struct times now;

	(void)unused;
	child_check(sys3(SYS_munmap, (long)(image - PAGE), 2 * PAGE, 0) == 0, 2);
	f.clock_gettime(1, &now);
}

/* Both pages moved together go on telling the time. */
static void elsewhere(long unused)
{
	uint64_t to = (uint64_t)sys_mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);

	(void)unused;
	for (uint64_t i = 0; i < 2; i++)
		child_check(sys6(SYS_mremap, (long)(image - PAGE + i * PAGE), PAGE, PAGE,
				 MREMAP_MAYMOVE | MREMAP_FIXED, (long)(to + i * PAGE),
				 0) == (long)(to + i * PAGE),
			    2);
	struct functions f = functions_at(to + PAGE);

	child_check(agrees(&f), 3);
}

/* A copy whose clock can be falsified. */
static void with_a_false_page(void)
{
	uint64_t copy = (uint64_t)sys_mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS);
	uint64_t *page = (uint64_t *)copy;

	memcpy(page, (const void *)(image - PAGE), 2 * PAGE);
	CHECK(sys3(SYS_mprotect, (long)(copy + PAGE), PAGE, PROT_READ | PROT_EXEC) == 0);
	struct functions f = functions_at(copy + PAGE);

	CHECK((uint32_t)page[PAGE_USABLE] == 1 && agrees(&f));
	page[PAGE_MULT] = 0; /* time stands still: that is what it reads */
	CHECK(!tells_the_time(&f, 1) && tells_the_time(&f, 3));
	page[PAGE_USABLE] = 0;
	CHECK(agrees(&f) && agrees_on_the_rest(&f));
	CHECK(sys3(SYS_munmap, (long)copy, 2 * PAGE, 0) == 0);
}

void test_main(const uint64_t *stack)
{
	CHECK(probe_begin());
	image = aux_value(stack, AT_SYSINFO_EHDR);
	CHECK(is_image(image));
	struct functions f = functions_at(image);

	CHECK(agrees(&f) && agrees_on_the_rest(&f));
	pages_stay(image - PAGE);
	CHECK(run_child(in_a_child, 0) == 0 && run_child(elsewhere, 0) == 0);
	handle(SIGSEGV, NULL, 0);
	CHECK(killed_by(run_child(without, 0)) == SIGSEGV);
	CHECK(agrees(&f));
	with_a_false_page();
}
