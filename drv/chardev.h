/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Character devices: what a driver offers to the file system above it. Drivers register here at
 * boot; fs/devfs makes a node of each and turns file operations into these calls. Drivers see
 * kernel structures only: user memory as an io_iter, controls already decoded and copied.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/list.h"
#include "kernel/lib/types.h"

struct io_iter;
struct poll_wait;
struct tty;

/* One open of a device. */
struct chardev_open {
	void *device;   /* what was registered; open may replace it (/dev/tty) */
	void *state;    /* the driver's, per open */
	uint32_t minor; /* which of the device's numbers was opened */
	bool nonblock;  /* O_NONBLOCK, kept up to date by fcntl */
	bool readable;
	bool writable;
};

struct chardev_ops {
	/* Any operation may be NULL: open succeeds, read and write answer ERR_INVAL, poll says
	 * always ready, ioctl ERR_NOTTY. */
	enum err (*open)(struct chardev_open *open, unsigned linux_flags);
	void (*release)(struct chardev_open *open);
	/* Bytes moved (0 = end of file) or a negative enum err. @pos is the file's, seekable
	 * devices. */
	int64_t (*read)(struct chardev_open *open, struct io_iter *to, uint64_t *pos);
	int64_t (*write)(struct chardev_open *open, struct io_iter *from, uint64_t *pos);
	/* POLL* bits that are there; registers with @wait, which may be NULL. */
	uint32_t (*poll)(struct chardev_open *open, struct poll_wait *wait);
	/* @arg: kernel copy of the structure that @cmd has in drv/ioctl.def, results go back by it;
	 * @raw: the argument itself, for the commands whose argument is a number. */
	enum err (*ioctl)(struct chardev_open *open, uint32_t cmd, void *arg, uint64_t raw);
	/* The terminal behind this device, or NULL. */
	struct tty *(*tty)(struct chardev_open *open);
	bool seekable;
};

struct chardev {
	struct list_node link;
	uint32_t major;
	uint32_t minor;
	uint32_t minors;  /* so many numbers from @minor on; 0 is 1 */
	uint32_t mode;    /* permission bits */
	const char *name; /* NULL: another file system than devfs has its nodes */
	const struct chardev_ops *ops;
	void *device;
};

/**
 * Offer @dev (static storage, filled in but for @link) as /dev/@dev->name, if it has one.
 *
 * Return: OK, or ERR_EXIST when the number or the name is taken.
 * Context: boot.
 */
enum err chardev_register(struct chardev *dev);

/** The device of a number, or NULL. Context: any. */
const struct chardev *chardev_find(uint32_t major, uint32_t minor);

/** Call @visit for each device, in the order of registration. */
void chardev_for_each(void (*visit)(const struct chardev *dev, void *arg), void *arg);
