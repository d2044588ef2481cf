/* SPDX-License-Identifier: BSD-2-Clause */
/* A terminal's controls, but for its settings. */
#include "drv/ioctl.h"
#include "drv/tty/tty_internal.h"
#include "drv/tty_hooks.h"

/* Arguments of TCFLSH and TCXONC. */
enum { TCIFLUSH, TCOFLUSH, TCIOFLUSH };
enum { TCOOFF, TCOON, TCIOFF, TCION };

static enum err get_group(struct tty *tty, bool master, int32_t *out)
{
	if (!master && !tty_is_own(tty))
		return ERR_NOTTY;
	*out = tty->foreground ? tty_pid_number(tty->foreground) : 0;
	return OK;
}

static enum err get_session(struct tty *tty, bool master, int32_t *out)
{
	if (!tty->session || (!master && !tty_is_own(tty)))
		return ERR_NOTTY;
	*out = tty_pid_number(tty->session);
	return OK;
}

static enum err set_group(struct tty *tty, int32_t number)
{
	struct pid *group;
	enum err err;

	if (!tty_is_own(tty))
		return ERR_NOTTY;
	if (number < 0)
		return ERR_INVAL;
	err = tty_group_find(number, &group);
	if (err == OK)
		tty_set_foreground(tty, group);
	return err;
}

enum err tty_ioctl_session(struct tty *tty, bool master, uint32_t cmd, void *arg)
{
	switch (cmd) {
	case TIOCSPGRP:
		return set_group(tty, *(const int32_t *)arg);
	case TIOCGPGRP:
		return get_group(tty, master, arg);
	case TIOCGSID:
		return get_session(tty, master, arg);
	default:
		return ERR_NOTTY;
	}
}

static enum err flush(struct tty *tty, uint64_t what)
{
	if (what > TCIOFLUSH)
		return ERR_INVAL;
	tty_flush(tty, what != TCOFLUSH, what != TCIFLUSH);
	return OK;
}

/* TCOOFF and TCOON hold and release the output; the others would send a character. */
static enum err flow(struct tty *tty, uint64_t what)
{
	bool hold = what == TCOOFF;
	uint8_t byte = tty->ldisc.modes.cc[what == TCIOFF ? VSTOP : VSTART];

	if (what > TCION)
		return ERR_INVAL;
	if (what >= TCIOFF) {
		if (byte)
			ldisc_echo_put(&tty->ldisc, &byte, 1);
		tty_push_echo(tty);
	} else if (tty->ldisc.held != hold) {
		tty->ldisc.held = hold;
		tty_event(tty, hold ? TTY_STOP : TTY_START);
		tty_push_echo(tty);
		wait_wake_all(tty->writers);
	}
	return OK;
}

static enum err set_exclusive(struct tty *tty, bool on)
{
	tty->exclusive = on;
	return OK;
}

static enum err get_number(void *arg, uint32_t number)
{
	*(uint32_t *)arg = number;
	return OK;
}

/* Context: the lock. */
static enum err ioctl_locked(struct chardev_open *open, bool master, uint32_t cmd, void *arg,
			     uint64_t raw)
{
	struct tty *tty = open->device;

	switch (cmd) {
	case TIOCGWINSZ:
		*(struct winsize *)arg = tty->size;
		return OK;
	case FIONREAD:
		return get_number(arg, ldisc_readable_count(&tty->ldisc));
	case TIOCOUTQ:
		return get_number(arg, tty->line->queued(tty));
	case TIOCGETD:
		return get_number(arg, 0);
	case TIOCSETD:
		return *(const int32_t *)arg ? ERR_INVAL : OK;
	case TIOCEXCL:
	case TIOCNXCL:
		return set_exclusive(tty, cmd == TIOCEXCL);
	case TIOCGEXCL:
		return get_number(arg, tty->exclusive);
	case TCFLSH:
		return flush(tty, raw);
	case TCSBRK:
	case TCSBRKP:
		return tty_drain(open); /* no line here can break */
	case TIOCSBRK:
	case TIOCCBRK:
		return OK;
	case TCXONC:
		return flow(tty, raw);
	case TIOCSTI:
		return ERR_IO; /* Linux without dev.tty.legacy_tiocsti: nobody types for others */
	default:
		return tty_ioctl_session(tty, master, cmd, arg);
	}
}

static enum err set_size(struct tty *tty, const struct winsize *size)
{
	struct pid *group = NULL;

	mutex_lock(&tty->lock);
	if (tty->size.rows != size->rows || tty->size.cols != size->cols ||
	    tty->size.xpixel != size->xpixel || tty->size.ypixel != size->ypixel)
		group = tty->foreground ? tty_pid_get(tty->foreground) : NULL;
	tty->size = *size;
	mutex_unlock(&tty->lock);
	if (group) {
		tty_signal_group(group, SIGWINCH);
		tty_pid_put(group);
	}
	return OK;
}

static enum err hang_up(struct tty *tty)
{
	if (!tty_current_is_root())
		return ERR_PERM;
	tty_hangup(tty);
	return OK;
}

/* What only the foreground may do: it would disturb who works there. */
static bool disturbs(uint32_t cmd)
{
	switch (cmd) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCSETS2:
	case TCSETSW2:
	case TCSETSF2:
	case TCFLSH:
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
	case TIOCSBRK:
	case TIOCCBRK:
	case TIOCSETD:
	case TIOCSPGRP:
		return true;
	default:
		return false;
	}
}

static enum err check_job(struct tty *tty, uint32_t cmd)
{
	enum err err;

	mutex_lock(&tty->lock);
	err = tty_check_job(tty, SIGTTOU);
	mutex_unlock(&tty->lock);
	return cmd == TIOCSPGRP && err == ERR_IO ? ERR_NOTTY : err;
}

/* Only a file that reads may make its terminal the controlling one. */
static enum err take(const struct chardev_open *open, uint64_t raw)
{
	bool root = tty_current_is_root();

	if (!open->readable && !root)
		return ERR_PERM;
	return tty_set_controlling(open->device, raw == 1 && root);
}

enum err tty_ioctl_as(struct chardev_open *open, bool master, uint32_t cmd, void *arg, uint64_t raw)
{
	struct tty *tty = open->device;
	enum err err = OK;

	if (tty_is_hung(open))
		return cmd == TIOCSPGRP ? ERR_NOTTY : ERR_IO;
	if (!master && disturbs(cmd))
		err = check_job(tty, cmd);
	if (err != OK)
		return err;
	switch (cmd) {
	case TIOCSWINSZ:
		return set_size(tty, arg);
	case TIOCSCTTY:
		return take(open, raw);
	case TIOCNOTTY:
		return tty_leave(tty);
	case TIOCVHANGUP:
		return hang_up(tty);
	default:
		break;
	}
	err = tty_ioctl_modes(open, cmd, arg);
	if (err != ERR_NOTTY)
		return err;
	mutex_lock(&tty->lock);
	err = ioctl_locked(open, master, cmd, arg, raw);
	mutex_unlock(&tty->lock);
	return err;
}

enum err tty_ioctl(struct chardev_open *open, uint32_t cmd, void *arg, uint64_t raw)
{
	return tty_ioctl_as(open, false, cmd, arg, raw);
}
