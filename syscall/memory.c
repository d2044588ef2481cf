/* SPDX-License-Identifier: BSD-2-Clause */
/* The mmap family. */
#include "kernel/lib/bits.h"
#include "kernel/lib/overflow.h"

#include "fs/memfd.h"
#include "mm/slab.h"
#include "mm/space/mman.h"
#include "mm/space/object.h"
#include "mm/space/space.h"
#include "mm/usercopy.h"
#include "sec/cred.h"
#include "syscall/user.h"

static struct space *my_space(void)
{
	return process_current()->space;
}

/* What a file's mode allows of its pages. */
static enum err check_file(const struct file *file, struct map_request *request)
{
	bool shared = (request->flags & MAP_TYPE) != MAP_PRIVATE;

	if (!(file->mode & FILE_READ))
		return file->mode & FILE_PATH ? ERR_BADF : ERR_ACCES;
	request->max_prot = PROT_ALL;
	if (file->path.mount->flags & MOUNT_NOEXEC) {
		if (request->prot & PROT_EXEC)
			return ERR_PERM;
		request->max_prot &= ~PROT_EXEC;
	}
	if (shared && (file->inode->seals & (SEAL_WRITE | SEAL_FUTURE_WRITE))) {
		if (request->prot & PROT_WRITE)
			return ERR_PERM;
		request->max_prot &= ~PROT_WRITE;
	}
	if (shared && !(file->mode & FILE_WRITE)) {
		if (request->prot & PROT_WRITE)
			return ERR_ACCES;
		request->max_prot &= ~PROT_WRITE;
	}
	return OK;
}

static int64_t map_file(struct file *file, struct map_request *request)
{
	uint64_t at = 0;
	enum err err = check_file(file, request);

	if (err == OK)
		err = file_map(file, &request->object);
	if (err != OK)
		return err;
	request->file = file;
	err = space_map(my_space(), request, &at);
	mem_object_put(request->object);
	return err == OK ? (int64_t)at : err;
}

int64_t sys_mmap(struct trapframe *frame)
{
	struct map_request request = {
		.addr = arg(frame, 0),
		.len = arg(frame, 1),
		.prot = arg_u32(frame, 2),
		.flags = arg_u32(frame, 3),
		.offset = arg(frame, 5),
	};
	struct file *file;
	uint64_t at = 0;
	int64_t result;
	enum err err;

	if (request.offset & (PAGE_SIZE - 1))
		return ERR_INVAL;
	if (request.flags & MAP_ANONYMOUS) {
		request.offset = 0;
		err = space_map(my_space(), &request, &at);
		return err == OK ? (int64_t)at : err;
	}
	file = my_file(frame, 4);
	if (!file)
		return ERR_BADF;
	result = map_file(file, &request);
	file_put(file);
	return result;
}

int64_t sys_munmap(struct trapframe *frame)
{
	return space_unmap(my_space(), arg(frame, 0), arg(frame, 1));
}

int64_t sys_mprotect(struct trapframe *frame)
{
	return space_protect(my_space(), arg(frame, 0), arg(frame, 1), arg_u32(frame, 2));
}

int64_t sys_mremap(struct trapframe *frame)
{
	uint64_t at = 0;
	enum err err = space_remap(my_space(), arg(frame, 0), arg(frame, 1), arg(frame, 2),
				   arg_u32(frame, 3), arg(frame, 4), &at);

	return err == OK ? (int64_t)at : err;
}

int64_t sys_brk(struct trapframe *frame)
{
	return (int64_t)space_brk(my_space(), arg(frame, 0));
}

int64_t sys_madvise(struct trapframe *frame)
{
	return space_advise(my_space(), arg(frame, 0), arg(frame, 1), arg_int(frame, 2));
}

int64_t sys_msync(struct trapframe *frame)
{
	return space_msync(my_space(), arg(frame, 0), arg(frame, 1), arg_u32(frame, 2));
}

#define MINCORE_STEP 256u

int64_t sys_mincore(struct trapframe *frame)
{
	uint64_t at = arg(frame, 0), len = arg(frame, 1);
	struct uaddr to = arg_uaddr(frame, 2);
	uint8_t states[MINCORE_STEP];
	enum err err = OK;

	if (at & (PAGE_SIZE - 1))
		return ERR_INVAL;
	if (at > USER_END || len > USER_END - at)
		return ERR_NOMEM;
	for (uint64_t pages = DIV_ROUND_UP(len, PAGE_SIZE); pages && err == OK;) {
		uint64_t step = MIN(pages, MINCORE_STEP);

		err = space_mincore(my_space(), at, step, states);
		if (err == OK)
			err = copy_to_user(to, states, step);
		to.raw += step;
		at += step * PAGE_SIZE;
		pages -= step;
		preempt_point();
		if (thread_work() & THREAD_KILLED)
			return ERR_INTR;
	}
	return err;
}

/*
 * Pages never leave memory, so locking is bringing them in. The limit is held against each call:
 * what it protects, memory that nobody can take back, is charged already when it is mapped.
 */
static int64_t lock_range(uint64_t at, uint64_t len, bool populate)
{
	uint64_t limit = process_current()->limits[RLIMIT_MEMLOCK].current;
	uint64_t end;

	if (add_overflows(at, len + (at & (PAGE_SIZE - 1)), &end) || end > USER_END)
		return len ? ERR_NOMEM : 0;
	if (!cred_can(cred_current(), CAP_IPC_LOCK)) {
		if (!limit)
			return ERR_PERM;
		if (len > limit)
			return ERR_NOMEM;
	}
	return len && populate ? space_populate(my_space(), at, len) : 0;
}

int64_t sys_mlock(struct trapframe *frame)
{
	return lock_range(arg(frame, 0), arg(frame, 1), true);
}

#define MLOCK_ONFAULT 1u

int64_t sys_mlock2(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 2);

	if (flags & ~MLOCK_ONFAULT)
		return ERR_INVAL;
	return lock_range(arg(frame, 0), arg(frame, 1), !flags);
}

/* Only what is mapped can have been locked. */
int64_t sys_munlock(struct trapframe *frame)
{
	uint64_t at = arg(frame, 0) & ~(uint64_t)(PAGE_SIZE - 1);

	return arg(frame, 1)
		       ? space_msync(my_space(), at, arg(frame, 1) + arg(frame, 0) - at, MS_ASYNC)
		       : 0;
}

#define MCL_CURRENT 1u
#define MCL_FUTURE  2u
#define MCL_ONFAULT 4u

int64_t sys_mlockall(struct trapframe *frame)
{
	uint32_t flags = arg_u32(frame, 0);

	if (!flags || flags == MCL_ONFAULT || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
		return ERR_INVAL;
	if (!cred_can(cred_current(), CAP_IPC_LOCK) &&
	    !process_current()->limits[RLIMIT_MEMLOCK].current)
		return ERR_PERM;
	return 0;
}

int64_t sys_munlockall(struct trapframe *frame)
{
	(void)frame;
	return 0;
}
