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
	CHECK_EQ(elf_check_header(file, 64, len, &image), OK);
	CHECK_EQ(elf_check_segments(file + 64, 3 * 56 - 1, false, &image), ERR_NOEXEC);
	CHECK_EQ(elf_check_segments(file + 64, 3 * 56, false, &image), OK);
	free(file);
}

/* A program header as the file has it. */
struct phdr {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

#define LOAD(flags, offset, vaddr, filesz, memsz, align)         \
	{                                                        \
		1, flags, offset, vaddr, 0, filesz, memsz, align \
	}
#define RX (ELF_R | ELF_X)
#define RW (ELF_R | ELF_W)

/* Checks a table that stands at @phoff of a file of 64 KiB. */
static enum err check_table(const struct phdr *table, uint32_t count, struct elf_image *image)
{
	struct phdr *copy = check_copy(table, count * sizeof(*table));
	enum err error;

	image->phnum = count;
	image->file_size = 0x10000;
	error = elf_check_segments(copy, count * sizeof(*table), false, image);
	free(copy);
	return error;
}

/* Segments that end and begin exactly where they may, and what the image says of them. */
static void test_edges_of_segments(void)
{
	const struct phdr lowest = LOAD(RX, 0, ELF_USER_MIN, 0x1000, 0x1000, 0);
	const struct phdr below = LOAD(RX, 0, ELF_USER_MIN - 0x1000, 0x1000, 0x1000, 0);
	const struct phdr highest = LOAD(RX, 0, ELF_USER_END - 0x1000, 0x1000, 0x1000, 1ull << 21);
	const struct phdr above = LOAD(RX, 0, ELF_USER_END - 0x1000, 0x1000, 0x1001, 0);
	const struct phdr huge = LOAD(RX, 0, 0x400000, 0x1000, 0x1000, 1ull << 62);
	struct elf_image image;

	image = (struct elf_image){.type = ELF_EXEC, .entry = ELF_USER_MIN};
	CHECK_EQ(check_table(&lowest, 1, &image), OK);
	CHECK(image.low == ELF_USER_MIN && image.high == ELF_USER_MIN + 0x1000);
	CHECK_EQ(image.align, 4096);
	image = (struct elf_image){.type = ELF_EXEC, .entry = ELF_USER_MIN};
	CHECK_EQ(check_table(&below, 1, &image), ERR_PERM);
	image = (struct elf_image){.type = ELF_EXEC, .entry = ELF_USER_END - 1};
	CHECK_EQ(check_table(&highest, 1, &image), OK);
	CHECK(image.brk == ELF_USER_END && image.align == 1 << 21);
	image = (struct elf_image){.type = ELF_EXEC, .entry = ELF_USER_END - 1};
	CHECK_EQ(check_table(&above, 1, &image), ERR_NOMEM);
	image = (struct elf_image){.type = ELF_EXEC, .entry = 0x400fff};
	CHECK_EQ(check_table(&huge, 1, &image), OK);
	CHECK_EQ(image.align, ELF_ALIGN_MAX);
	image = (struct elf_image){.type = ELF_EXEC, .entry = 0x401000};
	CHECK_EQ(check_table(&huge, 1, &image), ERR_NOEXEC);
	image = (struct elf_image){.type = ELF_EXEC, .entry = 0x3fffff};
	CHECK_EQ(check_table(&huge, 1, &image), ERR_NOEXEC);
}

/* AT_PHDR: the first segment that the whole table is in. */
static void test_table_in_memory(void)
{
	const struct phdr table[] = {
		LOAD(RX, 0, 0x400000, 0x1000, 0x1000, 0),
		LOAD(RW, 0x2000, 0x502000, 0x400, 0x400, 0),
		LOAD(RW, 0x2000, 0x602000, 0x400, 0x400, 0),
	};
	struct elf_image image;

	for (uint64_t phoff = 0x1f00; phoff < 0x2500; phoff++) {
		bool inside = phoff >= 0x2000 && phoff <= 0x2400 - sizeof(table);

		image = (struct elf_image){.type = ELF_EXEC, .entry = 0x400000, .phoff = phoff};
		CHECK_EQ(check_table(table, 3, &image), OK);
		CHECK_EQ(image.phdr_vaddr, inside ? 0x500000 + phoff : 0);
	}
	image = (struct elf_image){
		.type = ELF_EXEC, .entry = 0x400000, .phoff = 0x1000 - sizeof(table)};
	CHECK_EQ(check_table(table, 3, &image), OK);
	CHECK_EQ(image.phdr_vaddr, 0x401000 - sizeof(table));
}

/* What the loader is told beside the segments. */
static void test_notes(void)
{
	static const struct {
		struct phdr note;
		enum err error;
		bool tls, stack, relro, property, wx, exec_stack;
	} cases[] = {
		{{0, 7, 0, 0, 0, 0, 0, 0}, OK, 0, 0, 0, 0, 0, 0},
		{{7, 4, 0, 0, 0, 0, 0, 0}, OK, 1, 0, 0, 0, 0, 0},
		{{0x6474e551, 6, 0, 0, 0, 0, 0, 0}, OK, 0, 1, 0, 0, 0, 0},
		{{0x6474e552, 4, 0, 0, 0, 0, 0, 0}, OK, 0, 0, 1, 0, 0, 0},
		{{0x6474e553, 4, 0, 0, 0, 0, 0, 0}, OK, 0, 0, 0, 1, 0, 0},
		{{0x6474e551, 7, 0, 0, 0, 0, 0, 0}, ERR_ACCES, 0, 0, 0, 0, 0, 1},
		{LOAD(7, 0, 0x500000, 1, 1, 0), ERR_ACCES, 0, 0, 0, 0, 1, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct phdr table[] = {LOAD(RX, 0, 0x400000, 0x1000, 0x1000, 0), cases[i].note};
		struct elf_image image = {.type = ELF_EXEC, .entry = 0x400000};

		CHECK_EQ(check_table(table, 2, &image), cases[i].error);
		CHECK_EQ(image.has_tls, cases[i].tls);
		CHECK_EQ(image.has_stack_note, cases[i].stack);
		CHECK_EQ(image.has_relro, cases[i].relro);
		CHECK_EQ(image.has_property, cases[i].property);
		CHECK_EQ(image.wants_wx, cases[i].wx);
		CHECK_EQ(image.wants_exec_stack, cases[i].exec_stack);
	}
}

static enum err check_interp_at(uint64_t offset, uint64_t size, struct elf_image *image)
{
	const struct phdr table[] = {
		LOAD(RX, 0, 0x400000, 0x1000, 0x1000, 0),
		{3, ELF_R, offset, 0, 0, size, size, 1},
	};

	*image = (struct elf_image){.type = ELF_EXEC, .entry = 0x400000};
	return check_table(table, 2, image);
}

static void test_interp(void)
{
	struct elf_image image;

	CHECK_EQ(check_interp_at(0x100, 1, &image), ERR_NOEXEC);
	CHECK_EQ(check_interp_at(0x100, 2, &image), OK);
	CHECK(image.interp_offset == 0x100 && image.interp_len == 2);
	CHECK_EQ(check_interp_at(0x100, ELF_INTERP_MAX, &image), OK);
	CHECK_EQ(check_interp_at(0x100, ELF_INTERP_MAX + 1, &image), ERR_NOEXEC);
	CHECK_EQ(check_interp_at(0x10000 - 2, 2, &image), OK);
	CHECK_EQ(check_interp_at(0x10000 - 1, 2, &image), ERR_IO);
	CHECK_EQ(check_interp_at(INT64_MAX, 2, &image), ERR_IO);
	CHECK_EQ(check_interp_at(1ull << 63, 2, &image), ERR_INVAL);
	CHECK_EQ(elf_check_interp("/", 2), OK);
	CHECK_EQ(elf_check_interp("", 1), ERR_NOEXEC);
	CHECK_EQ(elf_check_interp("/", 1), ERR_NOEXEC);
	CHECK_EQ(elf_check_interp("/\0x", 4), ERR_NOEXEC);
}

/* The header alone: how much of it there must be, and where its table may stand. */
static void test_edges_of_header(const char *folder)
{
	struct elf_image image = {.brk = 42};
	uint16_t one = 1, none = 0;
	size_t len;
	uint8_t *file = read_whole(folder, "good-exec", &len);
	uint8_t *header = check_copy(file, 64);

	CHECK_EQ(elf_check_header(header, 63, len, &image), ERR_NOEXEC);
	CHECK_EQ(elf_check_header(header, 64, 63, &image), ERR_NOEXEC);
	CHECK_EQ(elf_check_header(header, 64, 64 + 3 * 56 - 1, &image), ERR_NOEXEC);
	CHECK_EQ(image.brk, 42);
	CHECK_EQ(elf_check_header(header, 64, 64 + 3 * 56, &image), OK);
	CHECK(image.brk == 0 && image.phnum == 3 && image.phoff == 64 && image.type == ELF_EXEC);
	/* A table that lies over the header is odd and harmless. */
	memset(header + 32, 0, 8);
	memcpy(header + 56, &one, sizeof(one));
	CHECK_EQ(elf_check_header(header, 64, 64, &image), OK);
	memcpy(header + 56, &none, sizeof(none));
	CHECK_EQ(elf_check_header(header, 64, 64, &image), ERR_NOEXEC);
	free(header);
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
	test_edges_of_header(argv[1]);
	test_edges_of_segments();
	test_table_in_memory();
	test_notes();
	test_interp();
	test_real_programs();
	return check_done("elf");
}
