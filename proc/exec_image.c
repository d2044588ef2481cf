/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/exec_image.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "fs/names.h"
#include "kernel/core/log.h"
#include "kernel/core/log_rate.h"
#include "mm/slab.h"
#include "mm/space/mman.h"
#include "mm/space/object.h"
#include "mm/space/space.h"
#include "mm/wx.h"
#include "proc/elf.h"
#include "proc/vdso.h"
#include "sec/cred.h"

#define STACK_FIRST_BYTES KIB(132)
#define STACK_SPARE_BYTES KIB(64)

/* An ELF file whose headers are read and checked. */
struct elf_file {
	struct file *file;
	void *phdrs;
	struct elf_image image;
	uint64_t bias;
};

/* Short files give fewer bytes; anything else than bytes is an error. */
static enum err read_at(struct file *file, void *to, size_t size, uint64_t offset, size_t *have)
{
	int64_t got = file_read_kernel(file, to, size, offset);

	if (got < 0)
		return (enum err)got;
	*have = (size_t)got;
	return OK;
}

static bool may_say(void)
{
	static struct log_rate rate;

	return log_allowed(&rate, "exec");
}

static void say_refusal(const struct elf_image *image, const char *name)
{
	if (!(image->wants_wx || image->wants_exec_stack) || !may_say())
		return;
	if (image->wants_wx)
		log_warn("exec", "%s wants memory that is writable and executable: refused", name);
	if (image->wants_exec_stack)
		log_warn("exec", "%s wants an executable stack: refused", name);
}

static enum err elf_open(struct file *file, const char *name, struct elf_file *elf)
{
	uint8_t header[ELF_HEADER_BYTES];
	size_t have = 0;

	*elf = (struct elf_file){.file = file};
	enum err err = read_at(file, header, sizeof(header), 0, &have);
	if (err == OK)
		err = elf_check_header(header, have, inode_size(file->inode), &elf->image);
	if (err != OK)
		return err;
	elf->phdrs = kmalloc(elf_phdrs_bytes(&elf->image));
	if (!elf->phdrs)
		return ERR_NOMEM;
	err = read_at(file, elf->phdrs, elf_phdrs_bytes(&elf->image), elf->image.phoff, &have);
	if (err == OK)
		err = elf_check_segments(elf->phdrs, have, wx_allowed(), &elf->image);
	if (err != OK) {
		say_refusal(&elf->image, name);
		kfree(elf->phdrs);
	}
	return err;
}

static uint32_t prot_of(uint32_t flags)
{
	return (flags & ELF_R ? PROT_READ : 0) | (flags & ELF_W ? PROT_WRITE : 0) |
	       (flags & ELF_X ? PROT_EXEC : 0);
}

static enum err map_at(struct space *space, uint64_t start, uint64_t end, uint32_t prot,
		       struct elf_file *elf, struct mem_object *object, uint64_t offset)
{
	struct map_request request = {
		.addr = start,
		.len = end - start,
		.prot = prot,
		.flags = MAP_PRIVATE | MAP_FIXED | (object ? 0 : MAP_ANONYMOUS),
		.object = object,
		.offset = offset,
		.file = object ? elf->file : NULL,
	};
	uint64_t at;

	return end > start ? space_map(space, &request, &at) : OK;
}

/* Behind the file's bytes the last page and all that follows are zero (P-M10-03). */
static enum err clear_tail(struct space *space, uint64_t start, uint64_t end, uint32_t flags)
{
	static const char zeros[ELF_PAGE_BYTES];

	if (!(flags & ELF_W) || start == end)
		return OK;
	return space_write(space, start, zeros, end - start);
}

static enum err map_segment(struct space *space, struct elf_file *elf, struct mem_object *object,
			    const struct elf_segment *segment)
{
	uint64_t vaddr = elf->bias + segment->vaddr;
	uint64_t start = align_down(vaddr, ELF_PAGE_BYTES);
	uint64_t file_end = vaddr + segment->filesz;
	uint64_t page_end = segment->filesz ? align_up(file_end, ELF_PAGE_BYTES) : start;
	uint64_t end = align_up(vaddr + segment->memsz, ELF_PAGE_BYTES);
	uint32_t prot = prot_of(segment->flags);
	enum err err = map_at(space, start, page_end, prot, elf, object,
			      align_down(segment->offset, ELF_PAGE_BYTES));

	if (err == OK && segment->memsz > segment->filesz && segment->filesz)
		err = clear_tail(space, file_end, page_end, segment->flags);
	return err == OK ? map_at(space, page_end, MAX(end, page_end), prot, elf, NULL, 0) : err;
}

static enum err map_segments(struct space *space, struct elf_file *elf)
{
	struct mem_object *object;
	struct elf_segment segment;
	uint32_t index = 0;
	enum err err = file_map(elf->file, &object);

	if (err != OK)
		return err == ERR_NODEV ? ERR_NOEXEC : err;
	while (err == OK && elf_next_load(elf->phdrs, &elf->image, &index, &segment))
		err = map_segment(space, elf, object, &segment);
	mem_object_put(object);
	return err;
}

/* A free place for an image that runs anywhere; the mapping made here is replaced by its segments.
 */
static enum err place_interpreter(struct space *space, struct elf_file *elf)
{
	struct map_request request = {
		.len = elf->image.high - elf->image.low,
		.prot = PROT_NONE,
		.flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
	};
	uint64_t at;
	enum err err = space_map(space, &request, &at);

	if (err == OK)
		elf->bias = at - elf->image.low;
	return err;
}

static enum err load_interpreter(struct space *space, const struct elf_file *program,
				 const struct cred *cred, struct exec_facts *facts, uint64_t *entry)
{
	struct process *self = process_current();
	struct elf_file elf;
	struct file *file;
	size_t have = 0;
	char *path = kmalloc(ELF_INTERP_MAX);

	if (!path)
		return ERR_NOMEM;
	enum err err = read_at(program->file, path, (size_t)program->image.interp_len,
			       program->image.interp_offset, &have);
	if (err == OK)
		err = elf_check_interp(path, have);
	if (err == OK)
		err = path_open_exec(
			&(struct path_at){.context = self->fs, .cred = cred, .name = path},
			LOOKUP_FOLLOW, &file);
	if (err != OK) {
		if (err == ERR_NOENT && may_say())
			log_warn("exec", "%s needs %s, which is not there", facts->name, path);
		goto out_path;
	}
	err = elf_open(file, path, &elf);
	if (err != OK)
		goto out_file;
	err = elf.image.type != ELF_DYN || elf.image.interp_len ? ERR_LIBBAD : OK;
	if (err == OK)
		err = place_interpreter(space, &elf);
	if (err == OK)
		err = map_segments(space, &elf);
	if (err == OK) {
		facts->interpreter_base = elf.bias;
		*entry = elf.bias + elf.image.entry;
	}
	kfree(elf.phdrs);
out_file:
	file_put(file);
out_path:
	kfree(path);
	return err;
}

static enum err map_stack(struct space *space, const struct exec_strings *strings, uint64_t top,
			  bool exec)
{
	uint64_t pointers = ((uint64_t)strings->argc + strings->envc) * sizeof(uint64_t);
	uint64_t need = strings->used + pointers + STACK_SPARE_BYTES;

	return space_map_stack(space, top, align_up(MAX(need, STACK_FIRST_BYTES), ELF_PAGE_BYTES),
			       exec);
}

static void choose_bias(struct elf_file *elf, const struct space_layout *places)
{
	if (elf->image.type == ELF_DYN)
		elf->bias = align_up(places->pie_base, elf->image.align) - elf->image.low;
}

static enum err fill_space(struct space *space, struct elf_file *elf,
			   const struct exec_strings *strings, struct exec_facts *facts,
			   struct exec_image *out)
{
	struct space_layout places;

	space_choose_layout(space, &places);
	choose_bias(elf, &places);
	enum err err = map_segments(space, elf);
	if (err != OK)
		return err;
	space_set_brk_start(space,
			    align_up(elf->bias + elf->image.brk, ELF_PAGE_BYTES) + places.brk_gap);
	out->entry = facts->program_entry = elf->bias + elf->image.entry;
	facts->phdr = elf->image.phdr_vaddr ? elf->bias + elf->image.phdr_vaddr : 0;
	facts->phnum = elf->image.phnum;
	facts->stack_top = places.stack_top;
	err = map_stack(space, strings, places.stack_top, elf->image.wants_exec_stack);
	if (err == OK)
		err = vdso_map(space, places.vdso_base, &facts->vdso);
	if (err == OK && elf->image.interp_len)
		err = load_interpreter(space, elf, facts->cred, facts, &out->entry);
	return err == OK ? exec_stack_build(space, strings, facts, out) : err;
}

/* A sibling may give the process to another user or limits meanwhile; exec looks again. */
static struct space *new_space(struct process *process)
{
	struct user_account *account = account_of_process(process);
	struct space *space = space_create(&account->memory);

	account_put(account);
	if (space)
		rlimit_apply(process->limits, space);
	return space;
}

enum err exec_image_build(struct file *file, const char *name, struct exec_strings *strings,
			  struct process *process, const struct cred *cred, bool secure,
			  struct exec_image *out)
{
	struct exec_facts facts = {.cred = cred, .secure = secure, .name = name};
	struct elf_file elf;
	enum err err = elf_open(file, name, &elf);

	if (err != OK)
		return err;
	out->space = new_space(process);
	err = ERR_NOMEM;
	if (out->space) {
		err = fill_space(out->space, &elf, strings, &facts, out);
		if (err != OK)
			space_put(out->space);
	}
	kfree(elf.phdrs);
	return err;
}
