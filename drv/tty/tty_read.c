/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading from a terminal: lines, or raw bytes by VMIN and VTIME. */
#include "kernel/lib/bits.h"

#include "drv/tty/tty_internal.h"
#include "mm/io_iter.h"

#define CHUNK_BYTES 256u

#define NS_PER_DECISECOND (NS_PER_SEC / 10)

/* What a read waits for. */
struct tty_wish {
	uint64_t least;       /* bytes that end it */
	bool waits;           /* false: what is there is enough, even nothing */
	uint64_t deadline_ns; /* TIME_NEVER: none */
	uint64_t between_ns;  /* the longest pause between two bytes; 0: any */
};

static struct tty_wish tty_wish_of(const struct tty *tty)
{
	const uint8_t *cc = tty->ldisc.modes.cc;
	struct tty_wish wish = {.least = 1, .waits = true, .deadline_ns = TIME_NEVER};
	uint64_t time_ns = cc[VTIME] * NS_PER_DECISECOND;

	if (tty->ldisc.modes.lflag & ICANON)
		return wish;
	if (cc[VMIN]) {
		wish.least = cc[VMIN];
		wish.between_ns = time_ns;
	} else {
		wish.waits = time_ns != 0;
		wish.deadline_ns = time_now_ns() + time_ns;
	}
	return wish;
}

static bool tty_read_may_go_on(const struct chardev_open *open)
{
	const struct tty *tty = open->device;

	return ldisc_readable(&tty->ldisc) || tty_is_hung(open);
}

/* Sleeps until there is a byte. OK: there is, or *@nothing: none will come in time. */
static enum err tty_await_input(struct chardev_open *open, const struct tty_wish *wish,
				bool *nothing)
{
	struct tty *tty = open->device;

	*nothing = false;
	if (!tty_read_may_go_on(open)) {
		if (!wish->waits) {
			*nothing = true;
			return OK;
		}
		if (open->nonblock)
			return ERR_AGAIN;
		switch (wait_event_mutex(&tty->readers, &tty->lock, tty_read_may_go_on(open),
					 wish->deadline_ns, WAIT_INTERRUPTIBLE)) {
		case WAIT_OK:
			break;
		case WAIT_TIMEDOUT:
			*nothing = true;
			return OK;
		case WAIT_INTR:
			return ERR_RESTARTSYS;
		}
	}
	*nothing = tty_is_hung(open);
	return OK;
}

/* Raw bytes end a read when they are enough and no more are there; a line ends by itself. */
static bool tty_has_enough(const struct tty *tty, const struct tty_wish *wish, int64_t total)
{
	return !(tty->ldisc.modes.lflag & ICANON) && !ldisc_readable(&tty->ldisc) &&
	       (uint64_t)total >= wish->least;
}

/* One chunk to the user, who may fault: without the lock. Negative: a fault. */
static int64_t tty_give(struct tty *tty, struct io_iter *to, const uint8_t *chunk, uint32_t count)
{
	size_t moved;

	mutex_unlock(&tty->lock);
	moved = io_iter_write(to, chunk, count);
	mutex_lock(&tty->lock);
	return moved < count && !moved ? ERR_FAULT : (int64_t)moved;
}

/* One chunk of what is there: bytes moved or an error. *@done: the read ends with it. */
static int64_t tty_read_some(struct tty *tty, struct io_iter *to, bool *done)
{
	bool canonical = tty->ldisc.modes.lflag & ICANON;
	uint32_t wanted = (uint32_t)MIN(io_iter_left(to), CHUNK_BYTES);
	uint8_t chunk[CHUNK_BYTES];
	bool ended;
	uint32_t count = ldisc_read(&tty->ldisc, chunk, wanted, &ended);
	int64_t moved = tty_give(tty, to, chunk, count);

	wait_wake_all(&tty->feeders);
	*done = moved < count || ended || (canonical && !count);
	return moved;
}

/* Context: the lock, dropped inside, and the readers' turn. */
static int64_t tty_read_turn(struct chardev_open *open, struct io_iter *to)
{
	struct tty *tty = open->device;
	struct tty_wish wish = tty_wish_of(tty);
	int64_t total = 0;

	while (io_iter_left(to)) {
		bool done;
		int64_t moved = tty_await_input(open, &wish, &done);

		if (moved == OK && !done)
			moved = tty_read_some(tty, to, &done);
		if (moved < 0)
			return total ? total : moved;
		total += moved;
		if (done || tty_has_enough(tty, &wish, total))
			break;
		if (wish.between_ns)
			wish.deadline_ns = time_now_ns() + wish.between_ns;
	}
	return total;
}

int64_t tty_read(struct chardev_open *open, struct io_iter *to)
{
	struct tty *tty = open->device;
	int64_t result = 0;

	mutex_lock(&tty->lock);
	if (!tty_is_hung(open)) {
		result = tty_check_job(tty, SIGTTIN);
		if (result == OK)
			result = tty_take_turn(tty, &tty->reading, &tty->readers, open->nonblock);
		if (result == OK) {
			result = tty_read_turn(open, to);
			tty->reading = false;
			wait_wake_all(&tty->readers);
		}
	}
	mutex_unlock(&tty->lock);
	return result;
}
