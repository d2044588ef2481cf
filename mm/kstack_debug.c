/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/format.h"

#include "kernel/core/ksyms.h"
#include "kernel/core/panic.h"
#include "mm/kstack.h"

#define MARK  0x6b6b6b6b6b6b6b6bull
#define WORDS (KSTACK_SIZE / sizeof(uint64_t))

static uint32_t deepest;

void kstack_mark(void *stack)
{
	uint64_t *words = stack;

	for (uint64_t i = 0; i < WORDS; i++)
		words[i] = MARK;
}

/* The function that was deepest: the lowest return address in what was used. */
static const char *deepest_function(const uint64_t *words, uint64_t first)
{
	const char *name = NULL;
	uint64_t offset;

	for (uint64_t i = first; !name && i < WORDS; i++)
		name = ksyms_name(words[i] - 1, &offset);
	return name ? name : "?";
}

void kstack_measure(const void *stack)
{
	const uint64_t *words = stack;
	uint64_t first = 0;
	char used[48];

	if (words[0] != MARK) /* it was no thread's */
		return;
	while (first < WORDS && words[first] == MARK)
		first++;
	uint32_t bytes = (uint32_t)((WORDS - first) * sizeof(*words));
	if (bytes > READ_ONCE(deepest))
		WRITE_ONCE(deepest, bytes);
	if (bytes <= KSTACK_SIZE - KSTACK_SPARE)
		return;
	format_text(used, sizeof(used), "%u of %lu bytes used", bytes, (uint64_t)KSTACK_SIZE);
	panic_assert("a kernel stack has room to spare", deepest_function(words, first), used);
}

uint32_t kstack_deepest(void)
{
	return READ_ONCE(deepest);
}
