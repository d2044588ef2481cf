/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M9-08: hostile addresses and lengths for the calls about memory, with Linux's answers. */
#include "selftest/user/again.h"

#define SYS_madvise    28
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED   2
#define MADV_DONTNEED  4

#define EACCES 13
#define EEXIST 17

#define MAP_FIXED_NOREPLACE 0x100000

#define USER_END    0x7ffffffff000ul
#define KERNEL_HALF 0xffff800000000000ul
#define FLAGS       (MAP_PRIVATE | MAP_ANONYMOUS)
#define HOLE        0x7000000000ul

#define OWN    1 /* three pages; @offset counts from them */
#define VDSO   2
#define WRAPS  (UINT64_MAX - 4095)
#define MIDDLE (PAGE / 2)

static uint64_t own, vdso;

struct row {
	uint16_t call;
	uint16_t base; /* OWN, VDSO or 0 */
	uint64_t offset, len, third, flags, fifth;
	long want;
};

/* mmap: address, length, flags. mprotect: address, length, rights. mremap: old, length, new ... */
static const struct row rows[] = {
	{SYS_mmap, 0, 0, 0, PROT_READ, FLAGS, 0, -EINVAL},
	{SYS_mmap, 0, 0, UINT64_MAX, PROT_READ, FLAGS, 0, -ENOMEM},
	{SYS_mmap, 0, 0, WRAPS, PROT_READ, FLAGS, 0, -ENOMEM},
	{SYS_mmap, 0, 0, 1ul << 47, PROT_READ, FLAGS, 0, -ENOMEM},
	{SYS_mmap, 0, 0, 1ul << 63, PROT_READ, FLAGS, 0, -ENOMEM},
	{SYS_mmap, 0, 0, PAGE, PROT_READ, MAP_ANONYMOUS, 0, -EINVAL},
	{SYS_mmap, OWN, 1, PAGE, PROT_READ, FLAGS | MAP_FIXED, 0, -EINVAL},
	{SYS_mmap, OWN, MIDDLE, PAGE, PROT_READ, FLAGS | MAP_FIXED, 0, -EINVAL},
	{SYS_mmap, 0, USER_END, PAGE, PROT_READ, FLAGS | MAP_FIXED, 0, -ENOMEM},
	{SYS_mmap, 0, KERNEL_HALF, PAGE, PROT_READ, FLAGS | MAP_FIXED, 0, -ENOMEM},
	{SYS_mmap, 0, WRAPS, PAGE, PROT_READ, FLAGS | MAP_FIXED, 0, -ENOMEM},
	{SYS_mmap, OWN, 0, USER_END, PROT_READ, FLAGS | MAP_FIXED, 0, -ENOMEM},
	{SYS_mmap, OWN, 0, 0, PROT_READ, FLAGS | MAP_FIXED, 0, -EINVAL},
	{SYS_mmap, VDSO, 0, PAGE, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, 0, -EEXIST},
	{SYS_mmap, VDSO, -PAGE, PAGE, PROT_READ, FLAGS | MAP_FIXED_NOREPLACE, 0, -EEXIST},
	{SYS_munmap, OWN, 1, PAGE, 0, 0, 0, -EINVAL},
	{SYS_munmap, OWN, 0, 0, 0, 0, 0, -EINVAL},
	{SYS_munmap, OWN, 0, UINT64_MAX, 0, 0, 0, -EINVAL},
	{SYS_munmap, OWN, 0, WRAPS, 0, 0, 0, -EINVAL},
	{SYS_munmap, OWN, 0, USER_END, 0, 0, 0, -EINVAL},
	{SYS_munmap, 0, KERNEL_HALF, PAGE, 0, 0, 0, -EINVAL},
	{SYS_munmap, 0, USER_END - PAGE, 2 * PAGE, 0, 0, 0, -EINVAL},
	{SYS_munmap, 0, HOLE, PAGE, 0, 0, 0, 0},
	{SYS_mprotect, OWN, 1, PAGE, PROT_READ, 0, 0, -EINVAL},
	{SYS_mprotect, OWN, 0, 0, PROT_READ, 0, 0, 0},
	{SYS_mprotect, OWN, 0, WRAPS, PROT_READ, 0, 0, -ENOMEM},
	{SYS_mprotect, OWN, 0, PAGE, 0x100, 0, 0, -EINVAL},
	{SYS_mprotect, 0, HOLE, PAGE, PROT_READ, 0, 0, -ENOMEM},
	{SYS_mprotect, 0, KERNEL_HALF, PAGE, PROT_READ, 0, 0, -ENOMEM},
	{SYS_mprotect, 0, 0, PAGE, PROT_READ, 0, 0, -ENOMEM},
	{SYS_mprotect, VDSO, -PAGE, PAGE, PROT_READ | PROT_WRITE, 0, 0, -EACCES},
	{SYS_mprotect, VDSO, -PAGE, PAGE, PROT_READ | PROT_EXEC, 0, 0, -EACCES},
	{SYS_mremap, VDSO, 0, PAGE, 4 * PAGE, MREMAP_MAYMOVE, 0, -EFAULT},
	{SYS_mremap, VDSO, -PAGE, PAGE, 8 * PAGE, MREMAP_MAYMOVE, 0, -EFAULT},
	{SYS_mremap, OWN, 1, PAGE, PAGE, MREMAP_MAYMOVE, 0, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, 0, MREMAP_MAYMOVE, 0, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, PAGE, 0x100, 0, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, PAGE, MREMAP_FIXED, HOLE, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, HOLE + 1, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, KERNEL_HALF, -EINVAL},
	{SYS_mremap, OWN, 0, PAGE, 1ul << 46, MREMAP_MAYMOVE, 0, -ENOMEM},
	{SYS_mremap, 0, HOLE, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0, -EFAULT},
	{SYS_mremap, 0, KERNEL_HALF, PAGE, 2 * PAGE, MREMAP_MAYMOVE, 0, -EFAULT},
	{SYS_madvise, OWN, 1, PAGE, MADV_DONTNEED, 0, 0, -EINVAL},
	{SYS_madvise, OWN, 0, WRAPS, MADV_DONTNEED, 0, 0, -EINVAL},
	{SYS_madvise, OWN, 0, 0, MADV_DONTNEED, 0, 0, 0},
	{SYS_madvise, OWN, 0, PAGE, 12345, 0, 0, -EINVAL},
	{SYS_madvise, 0, HOLE, PAGE, MADV_DONTNEED, 0, 0, -ENOMEM},
};

static long answer(const struct row *row)
{
	uint64_t at = (row->base == OWN ? own : row->base == VDSO ? vdso : 0) + row->offset;

	if (row->call == SYS_mmap)
		return sys6(SYS_mmap, (long)at, (long)row->len, (long)row->third, (long)row->flags,
			    -1, 0);
	return sys6(row->call, (long)at, (long)row->len, (long)row->third, (long)row->flags,
		    (long)row->fifth, 0);
}

/* A refusal leaves the pages, what they hold and what may be done to them. */
static int own_is_as_before(void)
{
	volatile uint8_t *bytes = (volatile uint8_t *)own;

	for (unsigned i = 0; i < 3; i++) {
		if (bytes[i * PAGE] != 0x5c)
			return 0;
		bytes[i * PAGE + 1]++;
	}
	return 1;
}

static void lowest_pages(void)
{
	long pid = sys0(SYS_native_yield);

	if (pid == -ENOSYS)
		return; /* Linux's root may map them */
	for (uint64_t at = 0; at < 0x10000; at += PAGE)
		CHECK((long)sys_mmap((void *)at, PAGE, PROT_READ, FLAGS | MAP_FIXED) == -EPERM);
	CHECK((uint64_t)sys_mmap((void *)PAGE, PAGE, PROT_READ, FLAGS) >= 0x10000);
}

void test_main(const uint64_t *stack)
{
	vdso = aux_value(stack, AT_SYSINFO_EHDR);
	own = (uint64_t)sys_mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, FLAGS);
	CHECK(!mmap_failed((void *)own));
	for (unsigned i = 0; i < 3; i++)
		*(volatile uint8_t *)(own + i * PAGE) = 0x5c;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CHECK(answer(&rows[i]) == rows[i].want);
		CHECK(own_is_as_before());
	}
	lowest_pages();
	CHECK(sys3(SYS_brk, 0x1000, 0, 0) == sys3(SYS_brk, 0, 0, 0));
	CHECK(sys3(SYS_brk, -1, 0, 0) == sys3(SYS_brk, 0, 0, 0));
	CHECK(sys3(SYS_munmap, (long)own, 3 * PAGE, 0) == 0);
}
