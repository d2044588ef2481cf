/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The checks an ELF file passes before anything of it is mapped (P-M10-01, P-M10-02). Pure: no
 * allocation, nothing read outside the bytes given, nothing trusted, nothing sized by a field
 * of the file beyond ELF_PHDRS_MAX.
 *
 * Order of use: read the first bytes, elf_check_header(); read elf_phdrs_bytes() bytes at
 * image.phoff, elf_check_segments(); then elf_next_load() gives what to map. elf_check() does
 * the first two at once when the table stands within the first bytes.
 *
 * Context: any.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

/* Linux reads at most 64 KiB of program headers. */
#define ELF_PHDR_BYTES   56
#define ELF_HEADER_BYTES 64
#define ELF_PHDRS_MAX    (65536 / ELF_PHDR_BYTES)
#define ELF_PAGE_BYTES   4096
#define ELF_USER_MIN     0x10000        /* nothing of a fixed image below */
#define ELF_USER_END     0x7ffffffff000 /* the first address that is not the user's */
#define ELF_INTERP_MAX   4096           /* its NUL included */

/* Larger alignments are not honoured: no program means them. */
#define ELF_ALIGN_MAX (1ull << 30)

enum elf_type {
	ELF_EXEC = 2, /* runs where it says */
	ELF_DYN = 3,  /* runs anywhere: add a bias to every address */
};

/* Segment rights, as in p_flags. */
enum elf_flags {
	ELF_X = 1,
	ELF_W = 2,
	ELF_R = 4,
};

struct elf_image {
	enum elf_type type;
	uint64_t entry; /* unbiased, like all addresses here */
	uint64_t file_size;
	uint64_t phoff;
	uint32_t phnum;
	uint32_t load_count; /* PT_LOADs with memory */
	uint64_t low;        /* page of the lowest byte */
	uint64_t high;       /* page-aligned end of the highest */
	uint64_t brk;        /* end of the highest byte, where the heap may begin */
	uint64_t align;      /* largest alignment asked for, at least a page */
	uint64_t phdr_vaddr; /* where the table is in memory (AT_PHDR); 0: in no segment */
	uint64_t interp_offset;
	uint64_t interp_len; /* 0: no interpreter; else its NUL included, not yet looked at */
	bool wants_wx;       /* a writable and executable segment: refused unless allowed */
	bool wants_exec_stack;
	bool has_tls;
	bool has_stack_note;
	bool has_relro;
	bool has_property;
};

struct elf_segment {
	uint64_t vaddr; /* vaddr and offset agree modulo the page when filesz > 0 */
	uint64_t memsz;
	uint64_t offset;
	uint64_t filesz; /* <= memsz; [offset, offset + filesz) lies in the file */
	uint32_t flags;  /* ELF_R, ELF_W, ELF_X */
};

/**
 * Check the file header in the first @have bytes of a file of @file_size bytes.
 *
 * Return: OK with type, entry, file_size, phoff and phnum set and everything else 0;
 *         ERR_NOEXEC otherwise, @image untouched.
 */
enum err elf_check_header(const void *header, size_t have, uint64_t file_size,
			  struct elf_image *image);

/** Bytes of the program header table; at most 64 KiB. */
static inline size_t elf_phdrs_bytes(const struct elf_image *image)
{
	return (size_t)image->phnum * ELF_PHDR_BYTES;
}

/**
 * Check the program header table, @have bytes read at image->phoff, and fill in the rest.
 *
 * Refused: what Linux refuses with its errno, and also segments that overlap, share a page or
 * do not ascend, lie beyond the file's end, an entry outside executable segments, a second
 * PT_INTERP.
 *
 * @allow_wx: take images that ask for writable code or an executable stack.
 *
 * Return: OK; ERR_NOEXEC for a broken image; ERR_INVAL for filesz > memsz, memsz larger than
 *         user space, or an offset not congruent to the address; ERR_IO for an interpreter's path
 *         beyond the file's end; ERR_NOMEM for addresses beyond
 *         user space; ERR_PERM for a fixed image below ELF_USER_MIN; ERR_ACCES for W+X and for
 *         an executable stack. Only wants_* may have changed in @image unless OK.
 */
enum err elf_check_segments(const void *table, size_t have, bool allow_wx, struct elf_image *image);

/**
 * Both checks, for callers that hold the file's first @have bytes with the table in them;
 * writable code and executable stacks are refused.
 *
 * Return: as above; also ERR_NOEXEC when the table is not within @have. @image is untouched
 *         unless OK.
 */
enum err elf_check(const void *header, size_t have, uint64_t file_size, struct elf_image *image);

/**
 * Get the next segment to map from a table that passed elf_check_segments() unchanged.
 *
 * @index: cursor, 0 at first.
 * Return: false at the end.
 */
bool elf_next_load(const void *table, const struct elf_image *image, uint32_t *index,
		   struct elf_segment *segment);

/**
 * Check the interpreter's path, @len bytes as read from image->interp_offset.
 *
 * Return: OK, or ERR_NOEXEC when it does not end with its only NUL or is empty.
 */
enum err elf_check_interp(const char *path, size_t len);
