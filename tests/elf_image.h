/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What must hold of every image that elf_check_segments() let pass; unit test and fuzzer. */
#include "proc/elf.h"
#include "tests/unit/check.h"

static inline void elf_image_check(const void *table, const struct elf_image *image)
{
	struct elf_segment s;
	uint64_t end = 0;
	uint32_t index = 0;
	uint32_t count = 0;
	bool entry = false;

	while (elf_next_load(table, image, &index, &s)) {
		CHECK(s.memsz > 0 && s.filesz <= s.memsz);
		CHECK(s.vaddr >= end && s.vaddr + s.memsz > s.vaddr);
		CHECK(s.vaddr + s.memsz <= ELF_USER_END);
		CHECK(s.vaddr / 4096 >= (end + 4095) / 4096);
		CHECK(image->type == ELF_DYN || s.vaddr >= ELF_USER_MIN);
		CHECK(s.filesz == 0 ||
		      (s.offset <= image->file_size && s.filesz <= image->file_size - s.offset &&
		       s.vaddr % 4096 == s.offset % 4096));
		CHECK(count > 0 || image->low == s.vaddr / 4096 * 4096);
		end = s.vaddr + s.memsz;
		count++;
		if ((s.flags & ELF_X) && image->entry >= s.vaddr && image->entry < end)
			entry = true;
	}
	CHECK(entry && count == image->load_count && count > 0);
	CHECK(image->brk == end && image->high == (end + 4095) / 4096 * 4096);
	CHECK(image->high <= ELF_USER_END && image->low < image->high);
	CHECK(image->align >= 4096 && (image->align & (image->align - 1)) == 0);
	CHECK(image->interp_len <= ELF_INTERP_MAX && image->interp_len != 1);
	CHECK(image->interp_len <= image->file_size &&
	      image->interp_offset <= image->file_size - image->interp_len);
}
