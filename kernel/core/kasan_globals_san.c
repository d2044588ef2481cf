/* SPDX-License-Identifier: BSD-2-Clause */
/* Global variables: the compiler leaves room behind each and tells which, file by file. */
#include "kernel/core/kasan_internal.h"
#include "kernel/core/panic.h"
#include "kernel/x86/sections.h"

#define FILES_MAX 1024u

struct global_place {
	const char *file;
	int line;
	int column;
};

/* As gcc lays it down (libsanitizer's __asan_global). */
struct global {
	const char *at;
	size_t size;
	size_t size_with_redzone;
	const char *name;
	const char *module;
	size_t has_initializer;
	const struct global_place *place;
	const char *odr_indicator;
};

static struct {
	const struct global *globals;
	size_t count;
} files[FILES_MAX];
static size_t file_count;

void kasan_mark_globals(void)
{
	const uint64_t *at = (const uint64_t *)(const void *)init_array_start;
	const uint64_t *end = (const uint64_t *)(const void *)init_array_end;

	for (; at < end; at++)
		((void (*)(void)) * at)();
}

static void mark(const struct global *global)
{
	uint64_t end = (global->size + SHADOW_GRANULE - 1) & ~(SHADOW_GRANULE - 1);

	shadow_open(global->at, global->size);
	shadow_poison(global->at + end, global->size_with_redzone - end, SHADOW_GLOBAL);
}

/* NOLINTBEGIN: the compiler's names */
void __asan_register_globals(const struct global *globals, size_t count);
void __asan_register_globals(const struct global *globals, size_t count)
{
	if (file_count == FILES_MAX)
		panic("KASAN: more than %u files with globals", FILES_MAX);
	files[file_count].globals = globals;
	files[file_count++].count = count;
	for (size_t i = 0; i < count; i++)
		mark(&globals[i]);
}

/* A kernel's globals are never unloaded; the linker needs the name. */
void __asan_unregister_globals(const struct global *globals, size_t count);
void __asan_unregister_globals(const struct global *globals, size_t count)
{
	panic("KASAN: %lu globals at %p are unloaded", count, (const void *)globals);
}
/* NOLINTEND */

static bool describe(const struct global *global, uint64_t address)
{
	uint64_t offset = address - (uint64_t)global->at;

	if (offset >= global->size_with_redzone)
		return false;
	panic_print("byte %lu of the global variable %s of %lu bytes", offset, global->name,
		    global->size);
	if (global->place)
		panic_print(", %s:%d", global->place->file, global->place->line);
	panic_print("\n");
	return true;
}

/* A list that went with the image's part for boot is not looked at. */
bool kasan_describe_global(uint64_t address)
{
	for (size_t i = 0; i < file_count; i++) {
		if (*shadow_of((uint64_t)files[i].globals) == SHADOW_RELEASED)
			continue;
		for (size_t j = 0; j < files[i].count; j++)
			if (describe(&files[i].globals[j], address))
				return true;
	}
	return false;
}
