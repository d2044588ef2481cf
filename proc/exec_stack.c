/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first stack of a program. From the top down: eight zero bytes, the file's name, environment
 * and argument strings, a gap of a random size, the platform's name, 16 random bytes; then, 16-byte
 * aligned from below, argc, the argument pointers, the environment pointers and the auxiliary
 * vector.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/random.h"
#include "kernel/x86/cpu.h"
#include "mm/slab.h"
#include "mm/space/space.h"
#include "proc/exec_image.h"
#include "sec/cred.h"

/* Linux's <linux/auxvec.h>. */
enum auxv_type {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_BASE = 7,
	AT_FLAGS = 8,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_PLATFORM = 15,
	AT_HWCAP = 16,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_HWCAP2 = 26,
	AT_EXECFN = 31,
	AT_SYSINFO_EHDR = 33,
	AT_MINSIGSTKSZ = 51,
};

#define PHDR_BYTES      56u
#define USER_HZ         100u
#define HWCAP2_FSGSBASE 2u
#define TOP_ZERO_BYTES  8u
#define RANDOM_BYTES    16u
#define GAP_MASK        0x1ff0u /* 9 bits above an alignment of 16, as Linux's */
#define AUXV_MAX        24u
#define CPUID_FEATURES  1u

static const char platform[] = "x86_64";

/* Where the parts stand. */
struct places {
	uint64_t execfn;
	uint64_t strings;
	uint64_t platform;
	uint64_t random;
};

struct vector {
	uint64_t *words;
	size_t count;
};

static void put(struct vector *vector, uint64_t word)
{
	vector->words[vector->count++] = word;
}

static void put_pair(struct vector *vector, enum auxv_type type, uint64_t value)
{
	put(vector, type);
	put(vector, value);
}

static void put_auxv(struct vector *vector, const struct exec_facts *facts,
		     const struct places *places)
{
	put_pair(vector, AT_SYSINFO_EHDR, facts->vdso);
	put_pair(vector, AT_HWCAP, cpuid(CPUID_FEATURES, 0).edx);
	put_pair(vector, AT_PAGESZ, PAGE_SIZE);
	put_pair(vector, AT_CLKTCK, USER_HZ);
	put_pair(vector, AT_PHDR, facts->phdr);
	put_pair(vector, AT_PHENT, PHDR_BYTES);
	put_pair(vector, AT_PHNUM, facts->phnum);
	put_pair(vector, AT_BASE, facts->interpreter_base);
	put_pair(vector, AT_FLAGS, 0);
	put_pair(vector, AT_ENTRY, facts->program_entry);
	put_pair(vector, AT_UID, facts->cred->uid);
	put_pair(vector, AT_EUID, facts->cred->euid);
	put_pair(vector, AT_GID, facts->cred->gid);
	put_pair(vector, AT_EGID, facts->cred->egid);
	put_pair(vector, AT_SECURE, facts->secure);
	put_pair(vector, AT_RANDOM, places->random);
	put_pair(vector, AT_HWCAP2, cpu_has(CPU_FSGSBASE) ? HWCAP2_FSGSBASE : 0);
	put_pair(vector, AT_EXECFN, places->execfn);
	put_pair(vector, AT_PLATFORM, places->platform);
	put_pair(vector, AT_MINSIGSTKSZ, signal_frame_max());
	put_pair(vector, AT_NULL, 0);
}

/* One pointer for each string of [*at, end), then the NULL that ends the array. */
static void put_pointers(struct vector *vector, const struct exec_strings *strings, size_t from,
			 size_t to, uint64_t base)
{
	for (size_t at = from; at < to; at += strlen(strings->text + at) + 1)
		put(vector, base + at);
	put(vector, 0);
}

static enum err write_strings(struct space *space, const struct exec_strings *strings,
			      const struct exec_facts *facts, struct places *places)
{
	size_t name_bytes = strlen(facts->name) + 1;
	uint8_t random[RANDOM_BYTES];
	enum err err;

	places->execfn = facts->stack_top - TOP_ZERO_BYTES - name_bytes;
	places->strings = places->execfn - strings->used;
	places->platform = places->strings - (random_u64() & GAP_MASK) - sizeof(platform);
	places->random = align_down(places->platform - RANDOM_BYTES, 16);
	random_bytes(random, sizeof(random));
	err = space_write(space, places->execfn, facts->name, name_bytes);
	if (err == OK)
		err = space_write(space, places->strings, strings->text, strings->used);
	if (err == OK)
		err = space_write(space, places->platform, platform, sizeof(platform));
	if (err == OK)
		err = space_write(space, places->random, random, sizeof(random));
	memzero_secret(random, sizeof(random));
	return err;
}

enum err exec_stack_build(struct space *space, const struct exec_strings *strings,
			  const struct exec_facts *facts, struct exec_image *image)
{
	size_t words = 1 + (size_t)strings->argc + 1 + strings->envc + 1 + 2 * (size_t)AUXV_MAX;
	struct vector vector = {.words = kmalloc(words * sizeof(uint64_t))};
	struct places places;

	if (!vector.words)
		return ERR_NOMEM;
	enum err err = write_strings(space, strings, facts, &places);
	if (err != OK)
		goto out;
	put(&vector, strings->argc);
	put_pointers(&vector, strings, 0, strings->arg_bytes, places.strings);
	put_pointers(&vector, strings, strings->arg_bytes, strings->used, places.strings);
	put_auxv(&vector, facts, &places);
	ASSERT(vector.count <= words);
	image->sp = align_down(places.random - vector.count * sizeof(uint64_t), 16);
	image->strings = (struct process_strings){
		.arg_start = places.strings,
		.arg_end = places.strings + strings->arg_bytes,
		.env_start = places.strings + strings->arg_bytes,
		.env_end = places.strings + strings->used,
	};
	err = space_write(space, image->sp, vector.words, vector.count * sizeof(uint64_t));
out:
	kfree(vector.words);
	return err;
}
