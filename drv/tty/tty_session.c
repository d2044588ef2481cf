/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose controlling terminal it is: sessions, the foreground group, hangups. */
#include "kernel/lib/bits.h"

#include "drv/tty/tty_internal.h"
#include "drv/tty_hooks.h"
#include "kernel/core/spinlock.h"

/* Ties terminals to sessions: struct tty's session and foreground, and struct tty_session. */
static struct spinlock session_lock = SPINLOCK_INIT(LOCK_TTY_SESSION);

/* What tied a terminal to a session, taken apart under the locks and let go without them. */
struct tie {
	struct tty *tty;
	struct pid *session;
	struct pid *group;
};

static void tie_drop(struct tie *tie)
{
	if (tie->session)
		tty_pid_put(tie->session);
	if (tie->group)
		tty_pid_put(tie->group);
	tty_put(tie->tty);
}

/* Context: the terminal's lock. */
static void untie(struct tty *tty, struct tie *tie)
{
	*tie = (struct tie){};
	spin_lock(&session_lock);
	if (tty->session) {
		*tie = (struct tie){tty, tty->session, tty->foreground};
		tty_session_of(tty->session)->tty = NULL;
		tty->session = NULL;
		tty->foreground = NULL;
	}
	spin_unlock(&session_lock);
}

void tty_disown(struct tty *tty)
{
	struct tie tie;

	untie(tty, &tie);
	mutex_unlock(&tty->lock);
	tie_drop(&tie);
	mutex_lock(&tty->lock);
}

struct tty *tty_of_current_session(void)
{
	struct pid *session, *group;
	struct tty *tty = NULL;

	if (!tty_current_session() || tty_current_has_left())
		return NULL;
	tty_current_pids(&session, &group);
	spin_lock(&session_lock);
	if (tty_session_of(session)->tty)
		tty = tty_get(tty_session_of(session)->tty);
	spin_unlock(&session_lock);
	tty_pid_put(session);
	tty_pid_put(group);
	return tty;
}

bool tty_of_session(struct pid *session, struct tty_name *out)
{
	spin_lock(&session_lock);
	const struct tty *tty = tty_session_of(session)->tty;
	if (tty)
		*out = (struct tty_name){
			.major = tty->major,
			.minor = tty->minor,
			.foreground = tty->foreground ? tty_pid_number(tty->foreground) : 0,
		};
	spin_unlock(&session_lock);
	return tty != NULL;
}

bool tty_is_own(const struct tty *tty)
{
	return tty->session && tty->session == tty_current_session() && !tty_current_has_left();
}

enum err tty_check_job(const struct tty *tty, unsigned signal)
{
	if (!tty_is_own(tty) || !tty->foreground || tty->foreground == tty_current_group())
		return OK;
	return tty_background(signal);
}

/* Ties them, if the session has no terminal yet. Context: the terminal's lock. */
static enum err tie_to(struct tty *tty, struct pid *session, struct pid *group)
{
	struct tty_session *place = tty_session_of(session);
	enum err err = ERR_PERM;

	spin_lock(&session_lock);
	if (!place->tty) {
		place->tty = tty_get(tty);
		tty->session = tty_pid_get(session);
		tty->foreground = tty_pid_get(group);
		err = OK;
	}
	spin_unlock(&session_lock);
	return err;
}

static enum err take_over(struct tty *tty, struct pid *session, struct pid *group, bool steal,
			  struct tie *tie)
{
	if (tty->session == session)
		return OK;
	if ((tty->session && !steal) || tty_session_of(session)->tty)
		return ERR_PERM;
	untie(tty, tie);
	return tie_to(tty, session, group);
}

enum err tty_set_controlling(struct tty *tty, bool steal)
{
	struct pid *session, *group;
	struct tie tie = {};
	enum err err;

	/* A leader's session stays. */
	if (!tty_current_session() || !tty_current_is_leader())
		return ERR_PERM;
	tty_current_pids(&session, &group);
	mutex_lock(&tty->lock);
	err = take_over(tty, session, group, steal, &tie);
	mutex_unlock(&tty->lock);
	tie_drop(&tie);
	tty_pid_put(session);
	tty_pid_put(group);
	return err;
}

void tty_set_foreground(struct tty *tty, struct pid *group)
{
	struct pid *old;

	spin_lock(&session_lock);
	old = tty->foreground;
	tty->foreground = group;
	spin_unlock(&session_lock);
	if (old)
		tty_pid_put(old);
}

/* Ends all open files. Context: the lock. */
static void end_files(struct tty *tty)
{
	tty->hangups++;
	tty->ldisc.stopped = false;
	tty->ldisc.held = false;
	tty_flush(tty, true, false);
	wait_wake_all(&tty->readers);
	wait_wake_all(tty->writers);
}

static void tell(struct pid *group, unsigned first, unsigned second)
{
	if (!group)
		return;
	tty_signal_group(group, first);
	if (second)
		tty_signal_group(group, second);
}

/* The leader of @session parts from its terminal. */
static void part(struct tty *tty, const struct pid *session, struct tie *tie)
{
	*tie = (struct tie){};
	mutex_lock(&tty->lock);
	if (tty->session == session) {
		if (tty->line->is_wire)
			end_files(tty);
		untie(tty, tie);
	}
	mutex_unlock(&tty->lock);
}

enum err tty_leave(struct tty *tty)
{
	struct pid *session = tty_current_session();
	struct tie tie = {};

	if (!session || READ_ONCE(tty->session) != session || tty_current_has_left())
		return ERR_NOTTY;
	if (tty_current_is_leader())
		part(tty, session, &tie);
	else
		tty_current_leave();
	tell(tie.group, SIGHUP, SIGCONT);
	tie_drop(&tie);
	return OK;
}

void tty_session_end(struct pid *session)
{
	struct tty_session *place = tty_session_of(session);
	struct tie tie = {};
	struct pid *hung;
	struct tty *tty;

	spin_lock(&session_lock);
	tty = place->tty ? tty_get(place->tty) : NULL;
	hung = place->hung_group;
	place->hung_group = NULL;
	spin_unlock(&session_lock);
	if (tty)
		part(tty, session, &tie);
	/* Who is stopped as well hears of the end as an orphaned group. */
	tell(tie.group, SIGHUP, 0);
	tell(hung, SIGHUP, SIGCONT);
	if (hung)
		tty_pid_put(hung);
	tie_drop(&tie);
	tty_put(tty);
}

/* The group hears of a hangup only when the session's leader has ended too. Kept at once with the
 * untying: a leader that ends meanwhile finds the terminal or the group. */
static void untie_hung(struct tty *tty, struct tie *tie)
{
	struct tty_session *place;

	*tie = (struct tie){};
	spin_lock(&session_lock);
	if (tty->session) {
		place = tty_session_of(tty->session);
		*tie = (struct tie){tty, tty->session, place->hung_group};
		place->hung_group = tty->foreground;
		place->tty = NULL;
		tty->session = NULL;
		tty->foreground = NULL;
	}
	spin_unlock(&session_lock);
}

void tty_hangup(struct tty *tty)
{
	struct tie tie;

	mutex_lock(&tty->lock);
	end_files(tty);
	untie_hung(tty, &tie);
	mutex_unlock(&tty->lock);
	if (tie.session) {
		tty_signal_leader(tie.session, SIGHUP);
		tty_signal_leader(tie.session, SIGCONT);
	}
	tie_drop(&tie);
}

void tty_hangup_current(void)
{
	struct tty *tty = tty_of_current_session();

	if (tty)
		tty_hangup(tty);
	tty_put(tty);
}
