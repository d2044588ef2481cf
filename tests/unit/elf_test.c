/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "proc/elf.h"
#include "tests/elf_image.h"
#include "tests/unit/check.h"

static void *read_whole(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	FILE *file;
	char *data;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "rb");
	CHECK(file != NULL);
	fseek(file, 0, SEEK_END);
	*len = (size_t)ftell(file);
	rewind(file);
	data = malloc(*len);
	CHECK(fread(data, 1, *len, file) == *len);
	fclose(file);
	return data;
}

static const char *name_of(enum err error)
{
	switch ((int)error) {
	case OK:
		return "OK";
#define ERROR(name, value, linux_name, text) \
	case value:                          \
		return linux_name;
#include "kernel/lib/errors.def"
#undef ERROR
	}
	return "?";
}

/* What exec does with the checks, as far as it goes without a file system. */
static enum err check_file(const uint8_t *file, size_t len, bool allow_wx)
{
	struct elf_image image;
	uint8_t *table;
	enum err error;

	error = elf_check_header(file, len, len, &image);
	if (error != OK)
		return error;
	table = check_copy(file + image.phoff, elf_phdrs_bytes(&image));
	error = elf_check_segments(table, elf_phdrs_bytes(&image), allow_wx, &image);
	if (error == OK)
		elf_image_check(table, &image);
	free(table);
	if (error == OK && image.interp_len != 0) {
		char *path = check_copy(file + image.interp_offset, image.interp_len);

		error = elf_check_interp(path, image.interp_len);
		free(path);
		/* There are no files here: a good path is a missing one. */
		return error == OK ? ERR_NOENT : error;
	}
	return error;
}

/* P-M10-01, P-M10-02: every image of tests/elf_corpus.py gets the errno written beside it. */
static void test_corpus(const char *folder)
{
	char path[4096];
	char name[128];
	char expected[32];
	unsigned refused = 0;
	FILE *index;

	snprintf(path, sizeof(path), "%s/index.txt", folder);
	index = fopen(path, "r");
	CHECK(index != NULL);
	while (fscanf(index, "%127s %31s", name, expected) == 2) {
		size_t len;
		uint8_t *file = read_whole(folder, name, &len);
		enum err error = check_file(file, len, false);
		struct elf_image image = {.brk = 42};

		if (strcmp(name_of(error), expected) != 0)
			fprintf(stderr, "%s: %s, not %s\n", name, name_of(error), expected);
		CHECK(strcmp(name_of(error), expected) == 0);
		/* The short way gives the same, and leaves the image alone when it refuses. */
		if (error == OK || strncmp(name, "interp", 6) != 0)
			CHECK_EQ(elf_check(file, len, len, &image), error);
		CHECK(error == OK || image.brk == 42 || strncmp(name, "interp", 6) == 0);
		/* With writable code allowed exactly these become good. */
		if (error == ERR_ACCES)
			CHECK_EQ(check_file(file, len, true), OK);
		refused += error != OK;
		free(file);
	}
	fclose(index);
	CHECK(refused >= 80);
	printf("elf: %u malformed images refused\n", refused);
}

static void test_good_image(const char *folder)
{
	struct elf_image image = {0};
	struct elf_segment segment;
	uint32_t index = 0;
	size_t len;
	uint8_t *file = read_whole(folder, "good-exec", &len);

	CHECK_EQ(elf_check(file, len, len, &image), OK);
	CHECK_EQ(image.type, ELF_EXEC);
	CHECK_EQ(image.entry, 0x401000);
	CHECK_EQ(image.low, 0x400000);
	CHECK_EQ(image.brk, 0x405000);
	CHECK_EQ(image.phdr_vaddr, 0x400040);
	CHECK(image.has_stack_note && !image.has_tls && image.interp_len == 0);
	CHECK(elf_next_load(file + 64, &image, &index, &segment));
	CHECK(segment.flags == (ELF_R | ELF_X) && segment.vaddr == 0x400000);
	CHECK(elf_next_load(file + 64, &image, &index, &segment));
	CHECK(segment.flags == (ELF_R | ELF_W) && segment.memsz == 0x3000);
	CHECK(!elf_next_load(file + 64, &image, &index, &segment));
	/* A table beyond what was read is no table. */
	CHECK_EQ(elf_check(file, 64 + 3 * 56 - 1, len, &image), ERR_NOEXEC);
	CHECK_EQ(elf_check_segments(file + 64, 3 * 56 - 1, false, &image), ERR_NOEXEC);
	free(file);
}

/* Programs of this machine, if they are there: static ones and PIEs with an interpreter. */
static void test_real_programs(void)
{
	static const char *const path[] = {"/bin/busybox", "/bin/sh", "/usr/bin/gcc"};

	for (size_t i = 0; i < ARRAY_SIZE(path); i++) {
		FILE *file = fopen(path[i], "rb");
		size_t len;
		uint8_t *data;
		enum err error;

		if (file == NULL)
			continue;
		fclose(file);
		data = read_whole("", path[i], &len);
		error = check_file(data, len, false);
		CHECK(error == OK || error == ERR_NOENT);
		free(data);
	}
}

int main(int argc, char **argv)
{
	CHECK(argc == 2);
	test_corpus(argv[1]);
	test_good_image(argv[1]);
	test_real_programs();
	return check_done("elf");
}
