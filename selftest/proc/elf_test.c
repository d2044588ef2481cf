/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "proc/elf.h"
#include "selftest/selftest.h"

#define FILE_BYTES 0x2100ull
#define HEADER_LEN (ELF_HEADER_BYTES + 2 * ELF_PHDR_BYTES)
#define ENTRY      24
#define TEXT       ELF_HEADER_BYTES
#define DATA       (ELF_HEADER_BYTES + ELF_PHDR_BYTES)
#define BASE       0x400000ull

/* Offsets of program header fields from TEXT or DATA. */
enum { FLAGS = 4, OFFSET = 8, VADDR = 16, FILESZ = 32, MEMSZ = 40, ALIGN = 48 };

/* One edit each of an image that is good: @bytes of @value at @at. */
static const struct edit {
	enum err error;
	uint16_t at;
	uint16_t bytes;
	uint64_t value;
} edits[] = {
	{OK, DATA + ALIGN, 8, 0},
	{OK, DATA + MEMSZ, 8, 0x5000},
	{OK, DATA + VADDR, 8, ELF_USER_END - 0x3000},
	{ERR_NOEXEC, 0, 4, 0x464c4580},
	{ERR_NOEXEC, 4, 1, 1},
	{ERR_NOEXEC, 5, 1, 2},
	{ERR_NOEXEC, 16, 2, 1},
	{ERR_NOEXEC, 16, 2, 4},
	{ERR_NOEXEC, 18, 2, 3},
	{ERR_NOEXEC, 20, 4, 2},
	{ERR_NOEXEC, 24, 8, BASE + 0x2000},
	{ERR_NOEXEC, 24, 8, BASE + 0x1010},
	{ERR_NOEXEC, 24, 8, 0},
	{ERR_NOEXEC, 32, 8, FILE_BYTES - 2ull * ELF_PHDR_BYTES + 1},
	{ERR_NOEXEC, 32, 8, ~0ull},
	{ERR_NOEXEC, 54, 2, 32},
	{ERR_NOEXEC, 56, 2, 0},
	{ERR_NOEXEC, 56, 2, ELF_PHDRS_MAX + 1},
	{ERR_NOEXEC, 56, 2, 0xffff},
	{ERR_ACCES, TEXT + FLAGS, 4, ELF_R | ELF_W | ELF_X},
	{ERR_ACCES, DATA + FLAGS, 4, ELF_W | ELF_X},
	{ERR_NOEXEC, TEXT + FLAGS, 4, ELF_R},
	{ERR_NOEXEC, DATA + OFFSET, 8, 0x3000},
	{ERR_NOEXEC, DATA + OFFSET, 8, ~0xfffull},
	{ERR_NOEXEC, DATA + FILESZ, 8, 0x101},
	{ERR_INVAL, DATA + OFFSET, 8, 0x2001},
	{ERR_INVAL, DATA + MEMSZ, 8, 0xff},
	{ERR_INVAL, DATA + MEMSZ, 8, ~0ull},
	{ERR_NOMEM, DATA + MEMSZ, 8, ELF_USER_END},
	{ERR_NOMEM, DATA + VADDR, 8, ELF_USER_END},
	{ERR_NOMEM, DATA + VADDR, 8, 0xffff800000002000},
	{ERR_NOMEM, DATA + VADDR, 8, 0x800000002000},
	{ERR_NOMEM, DATA + VADDR, 8, ELF_USER_END - 0x1000},
	{ERR_PERM, TEXT + VADDR, 8, 0},
	{ERR_NOEXEC, DATA + VADDR, 8, BASE},
	{ERR_NOEXEC, DATA + VADDR, 8, BASE + 0x1000},
	{ERR_NOEXEC, DATA + ALIGN, 8, 0x1001},
};

static void put(uint8_t *image, uint64_t at, uint64_t value, size_t bytes)
{
	memcpy(image + at, &value, bytes);
}

static void put_segment(uint8_t *image, uint64_t at, uint32_t flags, const uint64_t field[4])
{
	put(image, at, 1, 4);
	put(image, at + FLAGS, flags, 4);
	put(image, at + OFFSET, field[0], 8);
	put(image, at + VADDR, field[1], 8);
	put(image, at + FILESZ, field[2], 8);
	put(image, at + MEMSZ, field[3], 8);
	put(image, at + ALIGN, 0x1000, 8);
}

/* Headers of a file of FILE_BYTES: text in two pages, data and bss in three. */
static void make_good(uint8_t image[HEADER_LEN])
{
	static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	static const uint64_t text[4] = {0, BASE, 0x1010, 0x1010};
	static const uint64_t data[4] = {0x2000, BASE + 0x2000, 0x100, 0x3000};

	memset(image, 0, HEADER_LEN);
	memcpy(image, ident, sizeof(ident));
	put(image, 16, ELF_EXEC, 2);
	put(image, 18, 62, 2);
	put(image, 20, 1, 4);
	put(image, ENTRY, BASE + 0x1000, 8);
	put(image, 32, ELF_HEADER_BYTES, 8);
	put(image, 52, ELF_HEADER_BYTES, 2);
	put(image, 54, ELF_PHDR_BYTES, 2);
	put(image, 56, 2, 2);
	put_segment(image, TEXT, ELF_R | ELF_X, text);
	put_segment(image, DATA, ELF_R | ELF_W, data);
}

SELFTEST(M10, 1, elf_edits_are_refused)
{
	struct elf_image checked;
	uint8_t image[HEADER_LEN];

	for (size_t i = 0; i < ARRAY_SIZE(edits); i++) {
		make_good(image);
		CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == OK);
		checked.brk = 42;
		put(image, edits[i].at, edits[i].value, edits[i].bytes);
		CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == edits[i].error);
		CHECK((checked.brk == 42) == (edits[i].error != OK));
	}
	return true;
}

SELFTEST(M10, 1, elf_cut_anywhere_is_refused)
{
	struct elf_image checked;
	uint8_t image[HEADER_LEN];

	make_good(image);
	for (size_t have = 0; have < HEADER_LEN; have++)
		CHECK(elf_check(image, have, FILE_BYTES, &checked) == ERR_NOEXEC);
	for (uint64_t size = 0; size < FILE_BYTES; size += 0x7f)
		CHECK(elf_check(image, HEADER_LEN, size, &checked) == ERR_NOEXEC);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == OK);
	return true;
}

/* Nothing else is wrong with this table: it is in the file, but larger than Linux reads. */
SELFTEST(M10, 1, elf_table_is_bounded)
{
	struct elf_image checked;
	uint8_t image[HEADER_LEN];

	make_good(image);
	put(image, 56, ELF_PHDRS_MAX, 2);
	CHECK(elf_check_header(image, HEADER_LEN, 1 << 20, &checked) == OK);
	CHECK(elf_phdrs_bytes(&checked) <= 65536);
	put(image, 56, ELF_PHDRS_MAX + 1, 2);
	CHECK(elf_check_header(image, HEADER_LEN, 1 << 20, &checked) == ERR_NOEXEC);
	return true;
}

SELFTEST(M10, 2, elf_rights)
{
	struct elf_image checked;
	uint8_t image[HEADER_LEN];

	make_good(image);
	put(image, DATA + FLAGS, ELF_R | ELF_W | ELF_X, 4);
	CHECK(elf_check_header(image, HEADER_LEN, FILE_BYTES, &checked) == OK);
	CHECK(elf_check_segments(image + TEXT, HEADER_LEN - TEXT, false, &checked) == ERR_ACCES);
	CHECK(checked.wants_wx && !checked.wants_exec_stack && checked.load_count == 0);
	CHECK(elf_check_segments(image + TEXT, HEADER_LEN - TEXT, true, &checked) == OK);
	/* The second segment as PT_GNU_STACK: refused with X, taken without. */
	put(image, DATA, 0x6474e551, 4);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == ERR_ACCES);
	put(image, DATA + FLAGS, ELF_R | ELF_W, 4);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == OK);
	/* The entry in data, and behind the text's last byte. */
	make_good(image);
	put(image, ENTRY, BASE + 0x2000, 8);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == ERR_NOEXEC);
	put(image, ENTRY, BASE + 0x1010, 8);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == ERR_NOEXEC);
	put(image, ENTRY, BASE + 0x100f, 8);
	CHECK(elf_check(image, HEADER_LEN, FILE_BYTES, &checked) == OK);
	return true;
}
