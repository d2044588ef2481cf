/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl: the table says what a command's argument is; drivers see kernel memory only. */
#include "drv/ioctl.h"

#include "kernel/lib/compiler.h"

#include "mm/usercopy.h"
#include "syscall/user.h"

#define FIOCLEX  0x5451u
#define FIONCLEX 0x5450u

enum direction { OUT, IN, RAW };

struct ioctl_row {
	uint32_t number;
	uint8_t direction;
	uint8_t size;
};

static const struct ioctl_row rows[] = {
#define IOCTL(number_, name, direction_, bytes) {number_, direction_, bytes},
#include "drv/ioctl.def"
#undef IOCTL
};

static const struct ioctl_row *find(uint32_t command)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].number == command)
			return &rows[i];
	return NULL;
}

static enum err set_nonblock(struct file *file, bool on)
{
	return file_set_flags(file, on ? file->flags | O_NONBLOCK : file->flags & ~O_NONBLOCK);
}

static int64_t act(struct file *file, uint32_t command, void *argument, uint64_t raw)
{
	if (command == FIONBIO)
		return set_nonblock(file, *(const uint32_t *)argument);
	return file_ioctl(file, command, argument, raw);
}

static int64_t call(struct file *file, const struct ioctl_row *row, struct trapframe *frame)
{
	uint8_t buffer[IOCTL_MAX_BYTES] __aligned(8) = {0};
	struct uaddr at = arg_uaddr(frame, 2);
	int64_t result = OK;

	if (row->direction == IN)
		result = copy_from_user(buffer, at, row->size);
	if (result == OK)
		result = act(file, row->number, buffer, arg(frame, 2));
	if (result >= 0 && row->direction == OUT && copy_to_user(at, buffer, row->size) != OK)
		return ERR_FAULT;
	return result;
}

int64_t sys_ioctl(struct trapframe *frame)
{
	uint32_t command = arg_u32(frame, 1);
	const struct ioctl_row *row = find(command);
	struct fd_ref ref = my_fd(frame, 0);
	int64_t result = ERR_NOTTY;

	if (!ref.file)
		return ERR_BADF;
	if (command == FIOCLEX || command == FIONCLEX)
		result = fd_set_flags(my_files(), arg_int(frame, 0),
				      command == FIOCLEX ? FD_CLOEXEC : 0);
	else if (row)
		result = call(ref.file, row, frame);
	fd_return(ref);
	return result;
}
