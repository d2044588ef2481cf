/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/elf.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"
#include "kernel/lib/string.h"

#define MACHINE_X86_64 62

/* "ELF-64 Object File Format", figure 2. */
struct elf_header {
	uint8_t magic[4];
	uint8_t class; /* 2: 64-bit */
	uint8_t data;  /* 1: little-endian */
	uint8_t ident_version;
	uint8_t abi[9];
	uint16_t type;
	uint16_t machine;
	uint32_t version;
	uint64_t entry;
	uint64_t phoff;
	uint64_t shoff;
	uint32_t flags;
	uint16_t ehsize;
	uint16_t phentsize;
	uint16_t phnum;
	uint16_t shentsize;
	uint16_t shnum;
	uint16_t shstrndx;
};

/* The same, figure 6. */
struct elf_phdr {
	uint32_t type;
	uint32_t flags;
	uint64_t offset;
	uint64_t vaddr;
	uint64_t paddr;
	uint64_t filesz;
	uint64_t memsz;
	uint64_t align;
};

static_assert(sizeof(struct elf_header) == ELF_HEADER_BYTES, "ELF-64, figure 2");
static_assert(sizeof(struct elf_phdr) == ELF_PHDR_BYTES, "ELF-64, figure 6");

enum phdr_type {
	PT_LOAD = 1,
	PT_INTERP = 3,
	PT_TLS = 7,
	PT_GNU_STACK = 0x6474e551,
	PT_GNU_RELRO = 0x6474e552,
	PT_GNU_PROPERTY = 0x6474e553,
};

/* Tables may stand at any alignment. */
static struct elf_phdr read_phdr(const void *table, uint32_t index)
{
	struct elf_phdr phdr;

	memcpy(&phdr, (const uint8_t *)table + (size_t)index * ELF_PHDR_BYTES, sizeof(phdr));
	return phdr;
}

static bool ident_is_ours(const struct elf_header *header)
{
	static const uint8_t ours[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};

	return memcmp(header, ours, sizeof(ours)) == 0;
}

static bool header_is_ours(const struct elf_header *header)
{
	return ident_is_ours(header) && (header->type == ELF_EXEC || header->type == ELF_DYN) &&
	       header->machine == MACHINE_X86_64 && header->version == 1 &&
	       header->ehsize >= ELF_HEADER_BYTES && header->phentsize == ELF_PHDR_BYTES;
}

enum err elf_check_header(const void *header, size_t have, uint64_t file_size,
			  struct elf_image *image)
{
	struct elf_header here;

	if (have < sizeof(here) || file_size < sizeof(here))
		return ERR_NOEXEC;
	memcpy(&here, header, sizeof(here));
	if (!header_is_ours(&here))
		return ERR_NOEXEC;
	if (here.phnum == 0 || here.phnum > ELF_PHDRS_MAX)
		return ERR_NOEXEC;
	if (!range_within(here.phoff, (uint64_t)here.phnum * ELF_PHDR_BYTES, file_size))
		return ERR_NOEXEC;
	*image = (struct elf_image){
		.type = (enum elf_type)here.type,
		.entry = here.entry,
		.file_size = file_size,
		.phoff = here.phoff,
		.phnum = here.phnum,
	};
	return OK;
}

/* Whether the segment's addresses are the user's to have. */
static enum err check_place(const struct elf_phdr *phdr, const struct elf_image *image)
{
	if (phdr->memsz > ELF_USER_END)
		return ERR_INVAL;
	if (phdr->vaddr > ELF_USER_END - phdr->memsz)
		return ERR_NOMEM;
	if (image->type == ELF_EXEC && phdr->vaddr < ELF_USER_MIN)
		return ERR_PERM;
	return OK;
}

/* Whether the segment's bytes are in the file and can be mapped by page. */
static enum err check_file_part(const struct elf_phdr *phdr, const struct elf_image *image)
{
	if (phdr->filesz == 0)
		return OK;
	if ((phdr->vaddr - phdr->offset) % ELF_PAGE_BYTES != 0)
		return ERR_INVAL;
	if (!range_within(phdr->offset, phdr->filesz, image->file_size))
		return ERR_NOEXEC;
	return OK;
}

static void note_load(const struct elf_phdr *phdr, struct elf_image *image)
{
	uint64_t end = phdr->vaddr + phdr->memsz;

	if (image->load_count++ == 0)
		image->low = align_down(phdr->vaddr, ELF_PAGE_BYTES);
	image->brk = end;
	image->high = align_up(end, ELF_PAGE_BYTES);
	image->align = MAX(image->align, MIN(phdr->align, ELF_ALIGN_MAX));
	if (image->phdr_vaddr == 0 &&
	    range_within(image->phoff - phdr->offset, elf_phdrs_bytes(image), phdr->filesz))
		image->phdr_vaddr = phdr->vaddr + (image->phoff - phdr->offset);
	if ((phdr->flags & (ELF_W | ELF_X)) == (ELF_W | ELF_X))
		image->wants_wx = true;
}

static enum err check_load(const struct elf_phdr *phdr, struct elf_image *image)
{
	enum err error;

	if (phdr->filesz > phdr->memsz)
		return ERR_INVAL;
	/* Linkers leave empty ones behind: nothing to map, nothing to check. */
	if (phdr->memsz == 0)
		return OK;
	error = check_place(phdr, image);
	if (error != OK)
		return error;
	error = check_file_part(phdr, image);
	if (error != OK)
		return error;
	if (phdr->align != 0 && !is_power_of_two(phdr->align))
		return ERR_NOEXEC;
	if (phdr->vaddr < image->high)
		return ERR_NOEXEC;
	note_load(phdr, image);
	return OK;
}

static enum err check_interp_range(const struct elf_phdr *phdr, struct elf_image *image)
{
	if (image->interp_len != 0)
		return ERR_NOEXEC;
	if (phdr->filesz < 2 || phdr->filesz > ELF_INTERP_MAX)
		return ERR_NOEXEC;
	/* Linux reads it with a signed offset, and a short read is EIO. */
	if (phdr->offset > INT64_MAX)
		return ERR_INVAL;
	if (!range_within(phdr->offset, phdr->filesz, image->file_size))
		return ERR_IO;
	image->interp_offset = phdr->offset;
	image->interp_len = phdr->filesz;
	return OK;
}

static enum err check_phdr(const struct elf_phdr *phdr, struct elf_image *image)
{
	switch (phdr->type) {
	case PT_LOAD:
		return check_load(phdr, image);
	case PT_INTERP:
		return check_interp_range(phdr, image);
	case PT_TLS:
		image->has_tls = true;
		return OK;
	case PT_GNU_STACK:
		image->has_stack_note = true;
		if (phdr->flags & ELF_X)
			image->wants_exec_stack = true;
		return OK;
	case PT_GNU_RELRO:
		image->has_relro = true;
		return OK;
	case PT_GNU_PROPERTY:
		image->has_property = true;
		return OK;
	default:
		return OK;
	}
}

static bool entry_is_executable(const void *table, const struct elf_image *image)
{
	struct elf_segment segment;
	uint32_t index = 0;

	while (elf_next_load(table, image, &index, &segment)) {
		/* An entry below it is far above by the difference. */
		if ((segment.flags & ELF_X) && image->entry - segment.vaddr < segment.memsz)
			return true;
	}
	return false;
}

enum err elf_check_segments(const void *table, size_t have, bool allow_wx, struct elf_image *image)
{
	struct elf_image here = *image;

	if (have < elf_phdrs_bytes(image))
		return ERR_NOEXEC;
	here.align = ELF_PAGE_BYTES;
	for (uint32_t i = 0; i < here.phnum; i++) {
		struct elf_phdr phdr = read_phdr(table, i);
		enum err error = check_phdr(&phdr, &here);

		if (error != OK)
			return error;
	}
	/* Linux: ENOEXEC from the loader for fixed images, EINVAL for ones without a size. */
	if (here.load_count == 0)
		return here.type == ELF_DYN ? ERR_INVAL : ERR_NOEXEC;
	if (!entry_is_executable(table, &here))
		return ERR_NOEXEC;
	image->wants_wx = here.wants_wx;
	image->wants_exec_stack = here.wants_exec_stack;
	if (!allow_wx && (here.wants_wx || here.wants_exec_stack))
		return ERR_ACCES;
	*image = here;
	return OK;
}

enum err elf_check(const void *header, size_t have, uint64_t file_size, struct elf_image *image)
{
	struct elf_image here;
	enum err error;

	error = elf_check_header(header, have, file_size, &here);
	if (error != OK)
		return error;
	if (!range_within(here.phoff, elf_phdrs_bytes(&here), have))
		return ERR_NOEXEC;
	error = elf_check_segments((const uint8_t *)header + here.phoff, elf_phdrs_bytes(&here),
				   false, &here);
	if (error != OK)
		return error;
	*image = here;
	return OK;
}

bool elf_next_load(const void *table, const struct elf_image *image, uint32_t *index,
		   struct elf_segment *segment)
{
	while (*index < image->phnum) {
		struct elf_phdr phdr = read_phdr(table, (*index)++);

		if (phdr.type != PT_LOAD || phdr.memsz == 0)
			continue;
		*segment = (struct elf_segment){
			.vaddr = phdr.vaddr,
			.memsz = phdr.memsz,
			.offset = phdr.offset,
			.filesz = phdr.filesz,
			.flags = phdr.flags & (ELF_R | ELF_W | ELF_X),
		};
		return true;
	}
	return false;
}

enum err elf_check_interp(const char *path, size_t len)
{
	if (len < 2 || memchr(path, 0, len) != path + len - 1)
		return ERR_NOEXEC;
	return OK;
}
