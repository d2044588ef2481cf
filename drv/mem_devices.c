/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/mem_devices.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "drv/chardev.h"
#include "kernel/core/panic.h"
#include "kernel/core/random.h"
#include "kernel/sched/thread.h"
#include "mm/io_iter.h"

#define MEM_MAJOR 1u

static int64_t null_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	(void)open;
	(void)to;
	(void)pos;
	return 0;
}

static int64_t null_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	(void)open;
	(void)pos;
	return (int64_t)io_iter_left(from);
}

/* A page at a time: reading gigabytes of zeros must not keep the CPU. */
static int64_t zero_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	uint64_t moved = 0;

	(void)open;
	(void)pos;
	while (io_iter_left(to)) {
		size_t step = MIN(io_iter_left(to), PAGE_SIZE);
		size_t done = io_iter_zero(to, step);

		moved += done;
		if (done < step)
			return moved ? (int64_t)moved : ERR_FAULT;
		if (io_iter_left(to)) {
			preempt_point();
			if (thread_work() & WAIT_INTERRUPTIBLE)
				break;
		}
	}
	return (int64_t)moved;
}

static int64_t full_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	(void)open;
	(void)pos;
	return io_iter_left(from) ? ERR_NOSPC : 0;
}

static int64_t random_read(struct chardev_open *open, struct io_iter *to, uint64_t *pos)
{
	uint8_t bytes[256];
	uint64_t moved = 0;
	enum err error = OK;

	(void)open;
	(void)pos;
	while (io_iter_left(to)) {
		size_t step = MIN(io_iter_left(to), sizeof(bytes));
		size_t done;

		error = random_bytes_try(bytes, step);
		if (error)
			break;
		done = io_iter_write(to, bytes, step);
		moved += done;
		if (done < step) {
			error = ERR_FAULT;
			break;
		}
		preempt_point();
		if (thread_work() & WAIT_INTERRUPTIBLE)
			break;
	}
	memzero_secret(bytes, sizeof(bytes));
	return moved ? (int64_t)moved : (int64_t)error;
}

/* Anybody may add, nobody is believed. */
static int64_t random_write(struct chardev_open *open, struct io_iter *from, uint64_t *pos)
{
	uint8_t bytes[256];
	uint64_t moved = 0;

	(void)open;
	(void)pos;
	while (io_iter_left(from)) {
		size_t step = MIN(io_iter_left(from), sizeof(bytes));
		size_t done = io_iter_read(from, bytes, step);

		random_add(bytes, done, 0);
		moved += done;
		if (done < step)
			return moved ? (int64_t)moved : ERR_FAULT;
		preempt_point();
		if (thread_work() & WAIT_INTERRUPTIBLE)
			break;
	}
	return (int64_t)moved;
}

static const struct chardev_ops null_ops = {
	.read = null_read, .write = null_write, .seekable = true};
static const struct chardev_ops zero_ops = {
	.read = zero_read, .write = null_write, .seekable = true};
static const struct chardev_ops full_ops = {
	.read = zero_read, .write = full_write, .seekable = true};
static const struct chardev_ops random_ops = {
	.read = random_read, .write = random_write, .seekable = true};

static struct chardev devices[] = {
	{.major = MEM_MAJOR, .minor = 3, .mode = 0666, .name = "null", .ops = &null_ops},
	{.major = MEM_MAJOR, .minor = 5, .mode = 0666, .name = "zero", .ops = &zero_ops},
	{.major = MEM_MAJOR, .minor = 7, .mode = 0666, .name = "full", .ops = &full_ops},
	{.major = MEM_MAJOR, .minor = 8, .mode = 0666, .name = "random", .ops = &random_ops},
	{.major = MEM_MAJOR, .minor = 9, .mode = 0666, .name = "urandom", .ops = &random_ops},
};

void mem_devices_init(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (chardev_register(&devices[i]))
			panic("drv: /dev/%s is taken", devices[i].name);
	}
}
