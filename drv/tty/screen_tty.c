/* SPDX-License-Identifier: BSD-2-Clause */
/* /dev/tty1: the terminal on the screen and the keyboard. */
#include "kernel/lib/compiler.h"

#include "drv/chardev.h"
#include "drv/screen.h"
#include "drv/tty/console.h"
#include "drv/tty_hooks.h"
#include "drv/typed.h"
#include "mm/kstack.h"

#define SCREEN_MAJOR 4u
#define SCREEN_MINOR 1u

#define ROOM_BYTES   4096u /* the screen takes everything at once */
#define WORKER_BYTES 64u

static struct tty screen_tty;
static struct wait_queue never_full = WAIT_QUEUE_INIT(never_full);
static struct kthread typist;

static uint32_t line_write(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	(void)tty;
	screen_write(bytes, count);
	return count;
}

static uint32_t line_room(const struct tty *tty)
{
	(void)tty;
	return ROOM_BYTES;
}

static uint32_t line_queued(const struct tty *tty)
{
	(void)tty;
	return 0;
}

static const struct tty_line_ops screen_line = {
	.write = line_write,
	.room = line_room,
	.queued = line_queued,
};

/* Moves typed bytes through the line discipline, as far as that has room. */
static void hand_in(void *arg)
{
	struct tty *tty = arg;
	uint8_t bytes[WORKER_BYTES];

	for (;;) {
		(void)wait_event(typed_wait(), typed_waiting(), TIME_NEVER, WAIT_KILLABLE);
		if (typed_take_reboot())
			tty_ctrl_alt_del();
		uint32_t count = typed_take(bytes, sizeof(bytes));

		for (uint32_t done = 0; done < count;) {
			(void)wait_event(&tty->feeders, ldisc_has_room(&tty->ldisc), TIME_NEVER,
					 WAIT_KILLABLE);
			done += tty_receive(tty, bytes + done, count - done);
		}
	}
}

static struct chardev device = {
	.major = SCREEN_MAJOR,
	.minor = SCREEN_MINOR,
	.mode = 0600,
	.name = "tty1",
	.ops = &tty_line_chardev,
	.device = &screen_tty,
};

struct tty *screen_tty_init(void)
{
	struct screen_size size;
	char *stack;

	if (!screen_present())
		return NULL;
	stack = kstack_alloc();
	if (!stack || chardev_register(&device) != OK) {
		kstack_free(stack);
		return NULL;
	}
	tty_setup(&screen_tty, &screen_line, NULL, &never_full);
	screen_tty.major = SCREEN_MAJOR;
	screen_tty.minor = SCREEN_MINOR;
	screen_tty.ldisc.modes.iflag |= IUTF8;
	size = screen_size();
	screen_tty.size = (struct winsize){size.rows, size.cols, size.width, size.height};
	kthread_create(&typist, hand_in, &screen_tty, "tty1", stack, stack + KSTACK_SIZE);
	return &screen_tty;
}
