/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "user/fuzz/fuzz.h"

#define PAGE 4096UL

static const char *const names[NAME_COUNT] = {
	"file",
	"file2",
	"dir",
	"dir/file",
	".",
	"..",
	"/",
	"link",
	"/proc/self/fd",
	"/proc/self/maps",
	"/proc/meminfo",
	"/dev/null",
	"/dev/zero",
	"/dev/urandom",
	"/dev/ptmx",
	"/dev/full",
	"/proc/1/fd",
	"",
	"dir/../dir/./file",
	"/proc/self/exe",
	"/nothing/at/all",
	"fifo",
	"/proc/self/cwd/file",
	"/etc/passwd",
};

static bool map_at(uint64_t at, size_t pages)
{
	return mmap((void *)at, pages * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == (void *)at;
}

static void fill_vectors(void)
{
	uint64_t *words = (uint64_t *)VECTORS;

	for (uint64_t i = 0; i < 32; i++) {
		words[2 * i] = i % 5 ? ARENA + i * 128 : 0xffff800000000000;
		words[2 * i + 1] = i % 7 ? i * 32 : UINT64_MAX;
	}
	for (uint64_t i = 0; i < 8; i++) {
		words = (uint64_t *)(ARRAYS + i * 64);
		for (uint64_t n = 0; n < i; n++)
			words[n] = NAMES + n * NAME_STEP;
	}
}

bool arena_begin(void)
{
	if (!map_at(ARENA, ARENA_PAGES) || !map_at(ARENA_READ, 1) ||
	    mprotect((void *)ARENA_READ, PAGE, PROT_READ))
		return false;
	for (size_t i = 0; i < NAME_COUNT; i++)
		snprintf((char *)NAMES + i * NAME_STEP, NAME_STEP, "%s", names[i]);
	fill_vectors();
	return true;
}
