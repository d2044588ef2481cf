/* SPDX-License-Identifier: BSD-2-Clause */
/* ioctl: the table says what a command's argument is; drivers see kernel memory only. */
#include "drv/ioctl.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/format.h"

#include "fs/chardev_file.h"
#include "fs/names.h"
#include "fs/root.h"
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
	return file_set_flags(file, O_NONBLOCK, on ? O_NONBLOCK : 0);
}

static enum err set_async(struct file *file, bool on)
{
	return file_set_flags(file, O_ASYNC, on ? O_ASYNC : 0);
}

/* TIOCGPTPEER: the slave of a pseudo terminal's master, whatever /dev/pts is for the caller. */
static int64_t open_peer(struct file *file, uint32_t flags)
{
	uint32_t fd_flags = flags & O_CLOEXEC ? FD_CLOEXEC : 0;
	char name[24];
	struct path_at at;
	struct file *slave;
	uint32_t index;
	int64_t result = file_ioctl(file, TIOCGPTN, &index, 0);

	if (result)
		return result == ERR_NOTTY && file_tty(file) ? ERR_IO : result;
	format_text(name, sizeof(name), "/dev/pts/%u", index);
	at = fs_root_at(name);
	result = path_open(&at, flags & (O_ACCMODE | O_NOCTTY | O_NONBLOCK), 0, &slave);
	if (result)
		return result;
	result = fd_install(my_files(), slave, 0, my_fd_limit(), fd_flags);
	if (result < 0)
		file_put(slave);
	return result;
}

static int64_t act(struct file *file, uint32_t command, void *argument, uint64_t raw)
{
	if (command == FIONBIO)
		return set_nonblock(file, *(const uint32_t *)argument);
	if (command == FIOASYNC)
		return set_async(file, *(const uint32_t *)argument);
	if (command == TIOCGPTPEER)
		return open_peer(file, (uint32_t)raw);
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
