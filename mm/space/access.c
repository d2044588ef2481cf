/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a space that need not be the current one, through the physmap, pages pinned by count. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/space/fault.h"
#include "mm/space/space_internal.h"

/* The page at @addr as an access of this kind finds it, with a reference; NULL: a fault. */
static struct frame *pin_page(struct space *space, uint64_t addr, uint32_t access)
{
	struct frame *frame = NULL;

	while (frame == NULL) {
		const pte_t *leaf;

		rwlock_read(&space->lock);
		leaf = table_leaf_find(space->root, addr);
		/* Who copies the page drops the leaf's reference to the old one. */
		spin_lock(&space->leaf_lock);
		if (leaf != NULL && *leaf & PTE_P && (!(access & FAULT_WRITE) || *leaf & PTE_W)) {
			frame = leaf_frame(*leaf);
			frame_get(frame);
		}
		spin_unlock(&space->leaf_lock);
		rwlock_read_done(&space->lock);
		if (frame == NULL && fault_resolve(space, addr, access) != FAULT_OK)
			return NULL;
	}
	return frame;
}

static enum err access_bytes(struct space *space, uint64_t addr, char *kernel, uint64_t len,
			     bool write)
{
	if (addr < USER_START || len > USER_END || addr > USER_END - len)
		return ERR_FAULT;
	for (uint64_t done = 0; done < len;) {
		uint64_t at = addr + done;
		uint64_t n = MIN(PAGE_SIZE - (at & PAGE_MASK), len - done);
		struct frame *frame = pin_page(space, align_down(at, PAGE_SIZE),
					       FAULT_USER | (write ? FAULT_WRITE : 0));
		char *page;

		if (frame == NULL)
			return ERR_FAULT;
		page = (char *)frame_virt(frame) + (at & PAGE_MASK);
		if (write)
			memcpy(page, kernel + done, n);
		else
			memcpy(kernel + done, page, n);
		frame_put(frame);
		done += n;
	}
	return OK;
}

enum err space_read(struct space *space, uint64_t addr, void *to, uint64_t len)
{
	return access_bytes(space, addr, to, len, false);
}

enum err space_write(struct space *space, uint64_t addr, const void *from, uint64_t len)
{
	return access_bytes(space, addr, (char *)(uint64_t)from, len, true);
}
