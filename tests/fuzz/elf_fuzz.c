/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/elf.h"
#include "proc/shebang.h"
#include "tests/elf_image.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_image image;
	struct shebang line;

	if (shebang_parse(data, size, &line) == OK) {
		CHECK(line.interpreter_len > 0);
		CHECK(line.interpreter + line.interpreter_len <= (const char *)data + size);
		CHECK(line.argument + line.argument_len <= (const char *)data + size);
	}
	if (elf_check_header(data, size, size, &image) != OK)
		return 0;
	CHECK(elf_phdrs_bytes(&image) <= 65536 && image.phoff <= size - elf_phdrs_bytes(&image));
	if (elf_check_segments(data + image.phoff, elf_phdrs_bytes(&image), size & 1, &image) != OK)
		return 0;
	elf_image_check(data + image.phoff, &image);
	if (image.interp_len != 0)
		(void)!elf_check_interp((const char *)data + image.interp_offset, image.interp_len);
	return 0;
}
