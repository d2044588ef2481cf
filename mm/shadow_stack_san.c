/* SPDX-License-Identifier: BSD-2-Clause */
/* Marks of stacks: the compiler's code sets those of a function's variables and takes them away
 * where the function returns. These are for functions that do not return. */
#include "kernel/x86/sections.h"
#include "mm/kstack.h"
#include "mm/shadow_map.h"

struct bounds {
	uint64_t bottom;
	uint64_t top;
};

static struct bounds stack_of(uint64_t at)
{
	uint64_t slot = (at - layout.stacks) / KSTACK_STEP;
	uint64_t bottom = layout.stacks + slot * KSTACK_STEP + KSTACK_GUARD;

	if (at >= (uint64_t)boot_stack_bottom && at < (uint64_t)boot_stack_top)
		return (struct bounds){(uint64_t)boot_stack_bottom, (uint64_t)boot_stack_top};
	if (slot < KSTACK_LIMIT && at >= bottom)
		return (struct bounds){bottom, bottom + KSTACK_SIZE};
	return (struct bounds){at, at};
}

static uint64_t here(const void *frame)
{
	return (uint64_t)frame & ~(SHADOW_GRANULE - 1);
}

void shadow_forget_frames(void)
{
	uint64_t at = here(__builtin_frame_address(0));
	uint64_t bottom = stack_of(at).bottom;

	shadow_open((void *)bottom, at - bottom);
}

/* NOLINTBEGIN: the compiler's names */
void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
	uint64_t at = here(__builtin_frame_address(0));

	shadow_open((void *)at, stack_of(at).top - at);
}

void __asan_poison_stack_memory(const void *at, size_t len);
void __asan_poison_stack_memory(const void *at, size_t len)
{
	shadow_poison(at, len, SHADOW_STACK_SCOPE);
}

void __asan_unpoison_stack_memory(const void *at, size_t len);
void __asan_unpoison_stack_memory(const void *at, size_t len)
{
	shadow_open(at, len);
}
/* NOLINTEND */
