/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/ioctl.h"
#include "drv/tty/tty.h"
#include "drv/tty_hooks.h"

#define SIGHUP   1u
#define SIGCONT  18u
#define SIGTTOU  22u
#define SIGWINCH 28u

#define TCIFLUSH  0u
#define TCOFLUSH  1u
#define TCIOFLUSH 2u

/* Drops the session and the group. Context: the lock. */
static void tty_disown(struct tty *tty)
{
	if (tty->session)
		tty_pid_put(tty->session);
	if (tty->foreground)
		tty_pid_put(tty->foreground);
	tty->session = NULL;
	tty->foreground = NULL;
}

static enum err tty_set_controlling(struct tty *tty)
{
	struct pid *session = tty_current_session();
	struct tty *other = tty_of_current_session();

	if (tty->session == session && session)
		return OK;
	if (!session || !tty_current_is_leader() || other || tty->session)
		return ERR_PERM;
	tty->session = tty_pid_get(session);
	tty->foreground = tty_pid_get(tty_current_group());
	return OK;
}

/* Whether the running process may speak about groups on @tty. */
static bool tty_is_own(const struct tty *tty)
{
	return tty->session && tty->session == tty_current_session();
}

static enum err tty_set_foreground(struct tty *tty, int32_t number)
{
	struct pid *group;
	enum err err;

	if (!tty_is_own(tty))
		return ERR_NOTTY;
	if (number < 0)
		return ERR_INVAL;
	err = tty_group_find(number, &group);
	if (err != OK)
		return err;
	if (tty->foreground)
		tty_pid_put(tty->foreground);
	tty->foreground = group;
	return OK;
}

static enum err tty_flush(struct tty *tty, uint64_t what)
{
	if (what > TCIOFLUSH)
		return ERR_INVAL;
	if (what != TCOFLUSH)
		ldisc_flush(&tty->ldisc);
	return OK;
}

static void tty_set_modes(struct tty *tty, const struct termios *modes, bool flush)
{
	if (flush)
		ldisc_flush(&tty->ldisc);
	ldisc_set_modes(&tty->ldisc, modes);
	wait_wake_all(tty->writers);
	wait_wake_all(&tty->readers);
}

/* What only the foreground may do: it would disturb who works there. */
static bool tty_changes(uint32_t cmd)
{
	switch (cmd) {
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
	case TCFLSH:
	case TCSBRK:
	case TCXONC:
	case TIOCSPGRP:
		return true;
	default:
		return false;
	}
}

static enum err tty_ioctl_session(struct tty *tty, uint32_t cmd, void *arg)
{
	switch (cmd) {
	case TIOCSCTTY:
		return tty_set_controlling(tty);
	case TIOCSPGRP:
		return tty_set_foreground(tty, *(const int32_t *)arg);
	case TIOCGPGRP:
		if (!tty_is_own(tty))
			return ERR_NOTTY;
		*(int32_t *)arg = tty->foreground ? tty_pid_number(tty->foreground) : 0;
		return OK;
	case TIOCGSID:
		if (!tty_is_own(tty))
			return ERR_NOTTY;
		*(int32_t *)arg = tty_pid_number(tty->session);
		return OK;
	case TIOCNOTTY:
		if (!tty_is_own(tty))
			return ERR_NOTTY;
		if (tty_current_is_leader())
			tty_disown(tty);
		return OK;
	default:
		return ERR_NOTTY;
	}
}

static enum err tty_ioctl_locked(struct tty *tty, uint32_t cmd, void *arg, uint64_t raw)
{
	enum err err = tty_changes(cmd) ? tty_check_job(tty, SIGTTOU) : OK;

	if (err != OK)
		return cmd == TIOCSPGRP && err == ERR_IO ? ERR_NOTTY : err;
	switch (cmd) {
	case TCGETS:
		*(struct termios *)arg = tty->ldisc.modes;
		return OK;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		tty_set_modes(tty, arg, cmd == TCSETSF);
		return OK;
	case TIOCGWINSZ:
		*(struct winsize *)arg = tty->size;
		return OK;
	case TIOCSWINSZ:
		tty->size = *(const struct winsize *)arg;
		return OK;
	case FIONREAD:
		*(int32_t *)arg = (int32_t)ldisc_readable_count(&tty->ldisc);
		return OK;
	case TIOCOUTQ:
		*(int32_t *)arg = (int32_t)tty->line->queued(tty);
		return OK;
	case TCFLSH:
		return tty_flush(tty, raw);
	case TCSBRK:
	case TCXONC:
		return OK;
	default:
		return tty_ioctl_session(tty, cmd, arg);
	}
}

enum err tty_ioctl(struct tty *tty, uint32_t cmd, void *arg, uint64_t raw)
{
	struct pid *group = NULL;
	struct winsize old;
	enum err err;

	mutex_lock(&tty->lock);
	old = tty->size;
	err = tty_ioctl_locked(tty, cmd, arg, raw);
	if (cmd == TIOCSWINSZ && tty->foreground &&
	    (old.rows != tty->size.rows || old.cols != tty->size.cols))
		group = tty_pid_get(tty->foreground);
	mutex_unlock(&tty->lock);
	if (group) {
		tty_signal_group(group, SIGWINCH);
		tty_pid_put(group);
	}
	return err;
}

void tty_session_end(struct pid *session)
{
	struct tty *tty = tty_console();
	struct pid *group = NULL;

	if (!tty)
		return;
	mutex_lock(&tty->lock);
	if (tty->session == session) {
		group = tty->foreground ? tty_pid_get(tty->foreground) : NULL;
		tty_disown(tty);
	}
	mutex_unlock(&tty->lock);
	if (group) {
		tty_signal_group(group, SIGHUP);
		tty_signal_group(group, SIGCONT);
		tty_pid_put(group);
	}
}
