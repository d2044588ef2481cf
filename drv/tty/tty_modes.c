/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal's settings: TCGETS, TCSETS and their kin. */
#include "kernel/lib/compiler.h"

#include "drv/ioctl.h"
#include "drv/tty/tty_internal.h"

/* Bits per second of the numbers in cflag: the first sixteen, and those with CBAUDEX. */
static const uint32_t speeds[] = {0,   50,   75,   110,  134,  150,  200,   300,
				  600, 1200, 1800, 2400, 4800, 9600, 19200, 38400};
static const uint32_t fast_speeds[] = {0,       57600,   115200,  230400,  460800,  500000,
				       576000,  921600,  1000000, 1152000, 1500000, 2000000,
				       2500000, 3000000, 3500000, 4000000};

static uint32_t speed_of(uint32_t bits, uint32_t otherwise)
{
	bits &= CBAUD;
	if (bits == BOTHER)
		return otherwise;
	return bits & CBAUDEX ? fast_speeds[bits & 15] : speeds[bits];
}

static void set_speeds(struct tty *tty, uint32_t cflag, uint32_t ispeed, uint32_t ospeed)
{
	uint32_t input = cflag >> IBSHIFT & CBAUD;

	tty->ospeed = speed_of(cflag, ospeed);
	tty->ispeed = input ? speed_of(input, ispeed) : tty->ospeed;
}

static bool flow_control_on(const struct tty *tty)
{
	const struct termios *modes = &tty->ldisc.modes;

	return modes->iflag & IXON && modes->cc[VSTART] == 021 && modes->cc[VSTOP] == 023;
}

/* Context: the lock. */
static void set_modes(struct tty *tty, const struct termios *modes)
{
	bool flow = flow_control_on(tty);
	struct termios fixed = *modes;

	fixed.cflag = (modes->cflag & ~tty->line->cflag_fixed) | tty->line->cflag_value;
	fixed.line = tty->ldisc.modes.line;
	ldisc_set_modes(&tty->ldisc, &fixed);
	if (flow != flow_control_on(tty))
		tty_event(tty, flow ? TTY_NO_STOP : TTY_DO_STOP);
	tty_push_echo(tty);
	wait_wake_all(tty->writers);
	wait_wake_all(&tty->readers);
	wait_wake_all(&tty->feeders);
}

/* When the change happens: at once, after all output, or with the input thrown away too. */
enum when { NOW, DRAINED, FLUSHED };

static enum err change(struct chardev_open *open, enum when when, const struct termios2 *to)
{
	struct tty *tty = open->device;
	enum err err = OK;

	mutex_lock(&tty->lock);
	if (when != NOW)
		err = tty_drain(open);
	if (err == OK) {
		if (when == FLUSHED)
			tty_flush(tty, true, false);
		set_speeds(tty, to->modes.cflag, to->ispeed, to->ospeed);
		set_modes(tty, &to->modes);
	}
	mutex_unlock(&tty->lock);
	return err;
}

/* The short structure has no speeds: those of the terminal stay for BOTHER. */
static enum err change_short(struct chardev_open *open, enum when when, const struct termios *modes)
{
	const struct tty *tty = open->device;
	struct termios2 to = {.modes = *modes, .ispeed = tty->ispeed, .ospeed = tty->ospeed};

	return change(open, when, &to);
}

static void get(struct tty *tty, struct termios2 *out)
{
	mutex_lock(&tty->lock);
	out->modes = tty->ldisc.modes;
	out->ispeed = tty->ispeed;
	out->ospeed = tty->ospeed;
	mutex_unlock(&tty->lock);
}

enum err tty_ioctl_modes(struct chardev_open *open, uint32_t cmd, void *arg)
{
	struct termios2 now;

	switch (cmd) {
	case TCGETS:
		get(open->device, &now);
		*(struct termios *)arg = now.modes;
		return OK;
	case TCGETS2:
		get(open->device, arg);
		return OK;
	case TCSETS:
		return change_short(open, NOW, arg);
	case TCSETSW:
		return change_short(open, DRAINED, arg);
	case TCSETSF:
		return change_short(open, FLUSHED, arg);
	case TCSETS2:
		return change(open, NOW, arg);
	case TCSETSW2:
		return change(open, DRAINED, arg);
	case TCSETSF2:
		return change(open, FLUSHED, arg);
	default:
		return ERR_NOTTY;
	}
}
