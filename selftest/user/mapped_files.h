/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* One file of two pages, opened and mapped in every way. */
#include "selftest/user/service.h"
#include "selftest/user/signals.h"

#define SYS_lseek     8
#define SYS_ftruncate 77

#define MAP_SHARED 1
#define EACCES     13
#define FILE_NAME  "/.mapped"
#define FILE_PAGES 2ul

static inline long open_mapped(long flags)
{
	return sys3(SYS_open, (long)FILE_NAME, flags, 0755);
}

static inline uint8_t *map_file(long fd, int prot, int flags)
{
	return (uint8_t *)sys6(SYS_mmap, 0, (long)(FILE_PAGES * PAGE), prot, flags, fd, 0);
}

static inline void unmap_file(const void *at)
{
	CHECK(sys3(SYS_munmap, (long)at, (long)(FILE_PAGES * PAGE), 0) == 0);
}

static inline long protect_file(const void *at, int prot)
{
	return sys3(SYS_mprotect, (long)at, (long)(FILE_PAGES * PAGE), prot);
}

/* The new file, open for reading and writing: all its bytes are 'f'. */
static inline long make_mapped(void)
{
	static uint8_t bytes[FILE_PAGES * PAGE];
	long fd = open_mapped(O_RDWR | O_CREAT | O_TRUNC);

	memset(bytes, 'f', sizeof(bytes));
	CHECK(fd >= 0 && sys3(SYS_write, fd, (long)bytes, sizeof(bytes)) == sizeof(bytes));
	return fd;
}

static inline int byte_at(long fd, long offset)
{
	uint8_t byte = 0;

	CHECK(sys3(SYS_lseek, fd, offset, 0) == offset);
	return sys3(SYS_read, fd, (long)&byte, 1) == 1 ? byte : -1;
}

static inline void remove_mapped(long fd)
{
	CHECK(sys3(SYS_close, fd, 0, 0) == 0);
	CHECK(sys3(SYS_unlink, (long)FILE_NAME, 0, 0) == 0);
}
