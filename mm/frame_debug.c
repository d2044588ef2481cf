/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/format.h"

#include "kernel/core/ksyms.h"
#include "kernel/core/panic.h"
#include "kernel/x86/sections.h"
#include "mm/frame_internal.h"

/* The spare word of a free frame says where it was freed, as an offset in the image. */
void frame_note_free(struct frame *frame, const void *from)
{
	frame->spare_word = (uint32_t)((const char *)from - image_start);
}

void frame_poison_report(const struct frame *frame)
{
	const uint64_t *words = frame_virt(frame);
	uint64_t at = 0, offset = 0;
	char freed[64], written[64];

	while (at < FRAME_WORDS - 1 && words[at] == FRAME_POISON_WORD)
		at++;
	const char *name = ksyms_name((uint64_t)image_start + frame->spare_word - 1, &offset);
	format_text(freed, sizeof(freed), "freed in %s+0x%lx", name ? name : "?", offset);
	format_text(written, sizeof(written), "byte %lu holds 0x%lx", at * sizeof(*words),
		    words[at]);
	panic_assert("a free frame is not written to", freed, written);
}
