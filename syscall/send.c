/* SPDX-License-Identifier: BSD-2-Clause */
/* From file to file without passing through the program: sendfile, copy_file_range. */
#include "kernel/lib/bits.h"

#include "mm/usercopy.h"
#include "syscall/user.h"

static int64_t send(struct file *out, struct file *in, struct uaddr offset_at, size_t count)
{
	uint64_t limit = process_current()->limits[RLIMIT_FSIZE].current;
	int64_t offset = 0, result;
	enum err err;

	if (!offset_at.raw)
		return limited_result(file_send(out, in, NULL, count, limit), limit);
	err = get_user_u64((uint64_t *)&offset, offset_at);
	if (err != OK)
		return err;
	result = limited_result(file_send(out, in, &offset, count, limit), limit);
	if (put_user_u64(offset_at, (uint64_t)offset) != OK)
		return ERR_FAULT;
	return result;
}

int64_t sys_sendfile(struct trapframe *frame)
{
	struct fd_ref out = my_fd(frame, 0), in = my_fd(frame, 1);
	int64_t result = ERR_BADF;

	if (out.file && in.file)
		result = send(out.file, in.file, arg_uaddr(frame, 2),
			      MIN(arg(frame, 3), LIMIT_TRANSFER_BYTES));
	fd_return(in);
	fd_return(out);
	return write_result(result);
}

/* A place that the program keeps, or the file's own. */
struct copy_place {
	struct uaddr at;
	int64_t offset;
};

static enum err get_place(struct copy_place *place, const struct file *file)
{
	place->offset = (int64_t)READ_ONCE(file->position);
	return place->at.raw ? get_user_u64((uint64_t *)&place->offset, place->at) : OK;
}

static enum err move_place(const struct copy_place *place, struct file *file, int64_t by)
{
	uint64_t now = (uint64_t)(place->offset + by);

	if (place->at.raw)
		return put_user_u64(place->at, now);
	return file_seek(file, (int64_t)now, SEEK_SET, &now);
}

static int64_t copy_range(struct file *in, struct copy_place *from, struct file *out,
			  struct copy_place *to, size_t count)
{
	uint64_t limit = process_current()->limits[RLIMIT_FSIZE].current;
	enum err err = get_place(from, in);
	int64_t done;

	if (err == OK)
		err = get_place(to, out);
	if (err != OK)
		return err;
	if (S_ISREG(out->inode->mode) && (uint64_t)to->offset < limit)
		count = MIN(count, limit - (uint64_t)to->offset);
	done = file_copy_range(in, from->offset, out, to->offset, count, limit);
	if (done > 0) {
		err = move_place(from, in, done);
		if (err == OK)
			err = move_place(to, out, done);
	}
	return err == OK ? limited_result(done, limit) : err;
}

int64_t sys_copy_file_range(struct trapframe *frame)
{
	struct copy_place from = {.at = arg_uaddr(frame, 1)}, to = {.at = arg_uaddr(frame, 3)};
	struct fd_ref in = my_fd(frame, 0), out = my_fd(frame, 2);
	int64_t result = ERR_BADF;

	if (in.file && out.file)
		result = arg_u32(frame, 5) ? ERR_INVAL
					   : copy_range(in.file, &from, out.file, &to,
							MIN(arg(frame, 4), LIMIT_TRANSFER_BYTES));
	fd_return(out);
	fd_return(in);
	return result;
}
