/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/uefi/kernel_image.h"

#include "boot/uefi/memory.h"

/* ELF-64 object file format and System V ABI: what of it the kernel uses. */
struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* The kernel's own note: eight bytes name, padded, then the address of its 64-bit entry. */
struct entry_note {
	uint32_t name_len, desc_len, type;
	char name[12];
	uint64_t entry;
} __attribute__((packed));

enum {
	ELF_MACHINE_X86_64 = 62,
	ELF_LOAD = 1,
	ELF_NOTE = 4,
	ELF_EXECUTE = 1,
	ELF_WRITE = 2,
	NOTE_ENTRY = 1,
	NOTE_NAME_LEN = 9,
};

static const uint64_t KERNEL_BASE = 0xffffffff80000000ull;
static const uint64_t KERNEL_MAX = 64ull << 20;
static const uint64_t LARGE_PAGE = 2ull << 20;

static uint64_t page_up(uint64_t x)
{
	return (x + EFI_PAGE - 1) & ~(uint64_t)(EFI_PAGE - 1);
}

static const struct elf_header *check_header(const struct buffer *file)
{
	static const uint8_t ident[7] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
	const struct elf_header *header = (const struct elf_header *)file->data;

	if (file->len < sizeof(*header) || memcmp(header->ident, ident, sizeof(ident)) != 0)
		return NULL;
	if (header->machine != ELF_MACHINE_X86_64 ||
	    header->phentsize != sizeof(struct elf_segment))
		return NULL;
	uint64_t table = header->phnum * sizeof(struct elf_segment);
	if (table > file->len || header->phoff > file->len - table || header->phoff % 8 != 0)
		return NULL;
	return header;
}

static bool in_file(const struct elf_segment *segment, const struct buffer *file)
{
	return segment->filesz <= file->len && segment->offset <= file->len - segment->filesz;
}

/* A segment stands on a page of its own, within what the kernel may take, and is not W and X. */
static bool check_load(const struct elf_segment *segment, const struct buffer *file)
{
	return in_file(segment, file) && segment->filesz <= segment->memsz &&
	       segment->vaddr % EFI_PAGE == 0 && segment->vaddr >= KERNEL_BASE &&
	       segment->memsz <= KERNEL_MAX &&
	       segment->vaddr - KERNEL_BASE <= KERNEL_MAX - segment->memsz &&
	       (segment->flags & (ELF_WRITE | ELF_EXECUTE)) != (ELF_WRITE | ELF_EXECUTE);
}

static bool note_load(const struct elf_segment *segment, const struct buffer *file,
		      struct kernel_image *kernel)
{
	uint64_t end = page_up(segment->vaddr - KERNEL_BASE + segment->memsz);

	if (!check_load(segment, file) || kernel->segment_count == KERNEL_SEGMENTS_MAX)
		return false;
	kernel->segments[kernel->segment_count++] = (struct kernel_segment){
		.virt = segment->vaddr,
		.pages = page_up(segment->memsz) / EFI_PAGE,
		.write = segment->flags & ELF_WRITE,
		.execute = segment->flags & ELF_EXECUTE,
	};
	if (kernel->size < end)
		kernel->size = end;
	return true;
}

/* Several notes may share the segment; each is padded to 4 bytes. */
static void find_entry(const struct elf_segment *segment, const struct buffer *file,
		       struct kernel_image *kernel)
{
	const uint8_t *at = file->data + segment->offset;
	uint64_t left = segment->filesz;
	struct entry_note note;

	while (left >= sizeof(note)) {
		memcpy(&note, at, sizeof(note));
		if (note.name_len == NOTE_NAME_LEN && note.desc_len == sizeof(note.entry) &&
		    note.type == NOTE_ENTRY && memcmp(note.name, "Bartizan", NOTE_NAME_LEN) == 0)
			kernel->entry = note.entry;
		uint64_t len =
			12 + ((note.name_len + 3ull) & ~3ull) + ((note.desc_len + 3ull) & ~3ull);
		if (len > left)
			return;
		at += len;
		left -= len;
	}
}

static bool entry_is_code(const struct kernel_image *kernel)
{
	for (uint32_t i = 0; i < kernel->segment_count; i++) {
		const struct kernel_segment *segment = &kernel->segments[i];
		if (segment->execute && kernel->entry >= segment->virt &&
		    kernel->entry - segment->virt < segment->pages * EFI_PAGE)
			return true;
	}
	return false;
}

static bool scan(const struct elf_segment *segments, uint32_t count, const struct buffer *file,
		 struct kernel_image *kernel)
{
	for (uint32_t i = 0; i < count; i++) {
		if (segments[i].type == ELF_LOAD && !note_load(&segments[i], file, kernel))
			return false;
		if (segments[i].type == ELF_NOTE && in_file(&segments[i], file))
			find_entry(&segments[i], file, kernel);
	}
	return kernel->size > 0 && entry_is_code(kernel);
}

static void copy(const struct elf_segment *segments, uint32_t count, const struct buffer *file,
		 const struct kernel_image *kernel)
{
	for (uint32_t i = 0; i < count; i++) {
		if (segments[i].type == ELF_LOAD)
			memcpy((uint8_t *)kernel->phys + (segments[i].vaddr - KERNEL_BASE),
			       file->data + segments[i].offset, segments[i].filesz);
	}
}

uint64_t kernel_load(const struct firmware *firmware, const struct buffer *file,
		     struct kernel_image *kernel)
{
	const struct elf_header *header = check_header(file);
	struct buffer memory;

	*kernel = (struct kernel_image){0};
	if (!header)
		return firmware_refuse(firmware, EFI_LOAD_ERROR, L"kernel.elf is no x86-64 ELF",
				       L"");
	const struct elf_segment *segments =
		(const struct elf_segment *)(file->data + header->phoff);
	if (!scan(segments, header->phnum, file, kernel))
		return firmware_refuse(firmware, EFI_LOAD_ERROR, L"kernel.elf is no kernel of ours",
				       L"");
	uint64_t status =
		firmware_allocate(firmware, (kernel->size + LARGE_PAGE) / EFI_PAGE, &memory);
	if (status != EFI_OK)
		return status;
	kernel->phys = ((uint64_t)memory.data + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	for (uint32_t i = 0; i < kernel->segment_count; i++)
		kernel->segments[i].phys = kernel->phys + (kernel->segments[i].virt - KERNEL_BASE);
	copy(segments, header->phnum, file, kernel);
	return EFI_OK;
}
