/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings and page faults. */
#include <errno.h>
#include <sys/mman.h>

#include "user/bench/bench.h"

enum {
	FAULT_PAGES = 256,
	TOUCH_PAGES = 64,
};

static int64_t run_map_touch_unmap(unsigned n)
{
	return TIMED(n, {
		long addr = sys_mmap(TOUCH_PAGES * PAGE, PROT_READ | PROT_WRITE);
		TRY(addr);
		for (long at = 0; at < TOUCH_PAGES * PAGE; at += PAGE)
			*(volatile uint8_t *)(addr + at) = 1;
		TRY(sys_munmap((void *)addr, TOUCH_PAGES * PAGE));
	});
}

static int64_t run_map_unmap(unsigned n)
{
	return TIMED(n, {
		long addr = sys_mmap(PAGE, PROT_READ | PROT_WRITE);
		TRY(addr);
		TRY(sys_munmap((void *)addr, PAGE));
	});
}

/* Fresh memory for n faults, unmapped by the caller. */
static long fresh_pages(unsigned n)
{
	long addr = sys_mmap(n * (size_t)PAGE, PROT_READ | PROT_WRITE);
	if (addr > 0)
		sys3(SYS_madvise, addr, n * PAGE, MADV_NOHUGEPAGE);
	return addr;
}

static int64_t run_fault_write(unsigned n)
{
	long addr = fresh_pages(n);
	TRY(addr);
	volatile uint8_t *at = (volatile uint8_t *)addr;
	int64_t ticks = TIMED(n, at[i * PAGE] = 1);
	TRY(sys_munmap((void *)addr, n * (size_t)PAGE));
	return ticks;
}

static int64_t run_fault_read(unsigned n)
{
	long addr = fresh_pages(n);
	TRY(addr);
	volatile uint8_t *at = (volatile uint8_t *)addr;
	int64_t ticks = TIMED(n, st.sink = at[i * PAGE]);
	TRY(sys_munmap((void *)addr, n * (size_t)PAGE));
	return ticks;
}

/* Writes to pages that a living child shares. */
static int64_t run_fault_cow(unsigned n)
{
	int hold[2];
	uint8_t byte;

	long addr = fresh_pages(n);
	TRY(addr);
	volatile uint8_t *at = (volatile uint8_t *)addr;
	for (unsigned i = 0; i < n; i++)
		at[i * PAGE] = 1;
	TRY(sys_pipe(hold));
	long pid = sys_fork();
	TRY(pid);
	if (pid == 0) {
		sys_close(hold[1]);
		sys_read(hold[0], &byte, 1);
		sys_exit(0);
	}
	int64_t ticks = TIMED(n, at[i * PAGE] = 2);
	sys_close(hold[0]);
	sys_close(hold[1]);
	TRY(reap(pid));
	TRY(sys_munmap((void *)addr, n * (size_t)PAGE));
	return ticks;
}

static int64_t run_mprotect(unsigned n)
{
	return TIMED(n, TRY(sys3(SYS_mprotect, (long)st.page, (long)st.len,
				 i & 1 ? PROT_READ | PROT_WRITE : PROT_READ)));
}

/* `count` mappings that cannot be merged: every second page gets another protection. */
static long setup_vmas(long count)
{
	long addr = sys_mmap((size_t)(count * PAGE), PROT_NONE);
	TRY(addr);
	for (long i = 0; i < count; i += 2)
		TRY(sys3(SYS_mprotect, addr + i * PAGE, PAGE, PROT_READ));
	return 0;
}

static int64_t run_brk(unsigned n)
{
	long start = sys3(SYS_brk, 0, 0, 0);
	if (sys3(SYS_brk, start + PAGE, 0, 0) != start + PAGE)
		return -ENOMEM;
	return TIMED(n, {
		TRY(sys3(SYS_brk, start + PAGE, 0, 0));
		TRY(sys3(SYS_brk, start, 0, 0));
	});
}

const struct op memory_ops[] = {
	OP(mmap_touch_munmap_page, map_touch_unmap, .per_run = TOUCH_PAGES),
	OP(mmap_munmap_untouched, map_unmap),
	OP(mmap_1000vma, map_unmap, .setup = setup_vmas, .arg = 1000),
	OP(fault_anon_write, fault_write, .max = FAULT_PAGES),
	OP(fault_anon_read, fault_read, .max = FAULT_PAGES),
	OP(fault_cow, fault_cow, .max = FAULT_PAGES),
	OP(mprotect, mprotect, .setup = setup_touched, .arg = PAGE),
	OP(brk_grow_shrink, brk),
	OPS_END,
};
