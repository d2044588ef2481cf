/* SPDX-License-Identifier: BSD-2-Clause */
#include "fs/timerfd.h"

#include "kernel/lib/overflow.h"

#include "fs/anon.h"
#include "mm/slab.h"

/*
 * A periodic timer fires once and then stands still until somebody reads or asks: how often it
 * would have fired meanwhile is a division, so a short interval costs nothing.
 */
struct timerfd {
	struct spinlock lock; /* LOCK_EVENT: all below */
	struct timer timer;
	struct time_watch watch; /* of the real time */
	struct wait_queue readable;
	uint64_t expirations; /* not read yet */
	uint64_t due_ns;      /* next or last expiration; on the real time, if absolute */
	uint64_t interval_ns;
	bool realtime;
	bool armed;    /* due_ns means something */
	bool fired;    /* and lies in the past; the timer does not run */
	bool absolute; /* due_ns is a real time */
	bool cancel_on_set;
	bool canceled;
};

static SLAB_CACHE(timerfd_cache, struct timerfd);

static uint64_t deadline_of(const struct timerfd *timerfd)
{
	return timerfd->absolute ? time_of_realtime(timerfd->due_ns) : timerfd->due_ns;
}

static uint64_t now_of(const struct timerfd *timerfd)
{
	return timerfd->absolute ? time_realtime_ns() : time_now_ns();
}

static void fire(struct timer *timer)
{
	struct timerfd *timerfd = container_of(timer, struct timerfd, timer);
	uint64_t flags = spin_lock_irqsave(&timerfd->lock);

	/* The clock may have been set back between the interrupt and here. */
	if (timerfd->armed && !timerfd->fired && now_of(timerfd) >= timerfd->due_ns) {
		timerfd->fired = true;
		timerfd->expirations++;
	}
	spin_unlock_irqrestore(&timerfd->lock, flags);
	wait_wake_all(&timerfd->readable);
}

/* The clock was set: what is ahead moves, and who asked for it is told. */
static void clock_was_set(struct time_watch *watch)
{
	struct timerfd *timerfd = container_of(watch, struct timerfd, watch);
	uint64_t flags = spin_lock_irqsave(&timerfd->lock);
	bool tell = timerfd->armed && timerfd->absolute && timerfd->cancel_on_set;

	timerfd->canceled |= tell;
	if (timerfd->armed && timerfd->absolute && !timerfd->fired)
		timer_start(&timerfd->timer, deadline_of(timerfd));
	spin_unlock_irqrestore(&timerfd->lock, flags);
	if (tell)
		wait_wake_all(&timerfd->readable);
}

/* Go on behind an expiration: count what was missed, or be done. Locked. */
static void go_on(struct timerfd *timerfd)
{
	uint64_t now = now_of(timerfd), missed = 0;

	if (!timerfd->armed || !timerfd->fired)
		return;
	timerfd->armed = timerfd->interval_ns != 0;
	if (!timerfd->armed)
		return;
	if (now > timerfd->due_ns)
		missed = (now - timerfd->due_ns) / timerfd->interval_ns;
	timerfd->expirations += missed;
	timerfd->due_ns += missed * timerfd->interval_ns;
	if (add_overflows(timerfd->due_ns, timerfd->interval_ns, &timerfd->due_ns))
		timerfd->due_ns = INT64_MAX;
	timerfd->fired = false;
	timer_start(&timerfd->timer, deadline_of(timerfd));
}

/* What a read gets; 0: nothing is there yet. */
static enum err take(struct timerfd *timerfd, uint64_t *value)
{
	uint64_t flags = spin_lock_irqsave(&timerfd->lock);
	enum err err = timerfd->canceled ? ERR_CANCELED : OK;

	if (timerfd->expirations)
		go_on(timerfd);
	*value = timerfd->expirations;
	timerfd->expirations = 0;
	timerfd->canceled = false;
	spin_unlock_irqrestore(&timerfd->lock, flags);
	return err;
}

static bool is_readable(const struct timerfd *timerfd)
{
	return READ_ONCE(timerfd->expirations) || READ_ONCE(timerfd->canceled);
}

static int64_t timerfd_read(struct file *file, struct io_iter *iter, uint64_t *pos)
{
	struct timerfd *timerfd = file->private;
	uint64_t value;
	enum err err;

	(void)pos;
	if (io_iter_left(iter) < sizeof(value))
		return ERR_INVAL;
	while ((err = take(timerfd, &value)) == OK && !value) {
		if (file->flags & O_NONBLOCK)
			return ERR_AGAIN;
		if (wait_event(&timerfd->readable, is_readable(timerfd), TIME_NEVER,
			       WAIT_INTERRUPTIBLE) == WAIT_INTR)
			return ERR_RESTARTSYS;
	}
	if (err != OK)
		return err;
	return io_iter_write(iter, &value, sizeof(value)) == sizeof(value) ? (int64_t)sizeof(value)
									   : ERR_FAULT;
}

static uint32_t timerfd_poll(struct file *file, struct poll_wait *wait)
{
	struct timerfd *timerfd = file->private;

	poll_wait_add(wait, &timerfd->readable);
	return is_readable(timerfd) ? POLLIN : 0;
}

static void timerfd_release(struct file *file)
{
	struct timerfd *timerfd = file->private;

	time_watch_remove(&timerfd->watch);
	timer_cancel(&timerfd->timer);
	slab_free(&timerfd_cache, timerfd);
}

static const struct file_ops timerfd_ops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

enum err timerfd_create(bool realtime, uint32_t flags, const struct cred *cred, struct file **out)
{
	struct timerfd *timerfd = slab_alloc_zero(&timerfd_cache);
	enum err err;

	if (!timerfd)
		return ERR_NOMEM;
	spin_init(&timerfd->lock, LOCK_EVENT);
	timer_init(&timerfd->timer, fire);
	timerfd->watch.stepped = clock_was_set;
	wait_queue_init(&timerfd->readable);
	timerfd->realtime = realtime;
	err = anon_create(ANON_TIMERFD, &timerfd_ops, flags, cred, timerfd, out);
	if (err != OK)
		slab_free(&timerfd_cache, timerfd);
	else
		time_watch_add(&timerfd->watch);
	return err;
}

static void read_setting(struct timerfd *timerfd, struct timerfd_setting *out)
{
	uint64_t now;

	go_on(timerfd);
	now = now_of(timerfd);
	*out = (struct timerfd_setting){.interval_ns = timerfd->interval_ns};
	if (timerfd->armed)
		out->value_ns = timerfd->due_ns > now ? timerfd->due_ns - now : 1;
}

static void arm(struct timerfd *timerfd, const struct timerfd_setting *setting)
{
	timerfd->absolute = setting->absolute && timerfd->realtime;
	timerfd->cancel_on_set = setting->cancel_on_set;
	timerfd->interval_ns = setting->interval_ns;
	timerfd->expirations = 0;
	timerfd->canceled = timerfd->fired = false;
	timerfd->armed = setting->value_ns != 0;
	timerfd->due_ns = setting->value_ns;
	if (!setting->absolute && add_overflows(time_now_ns(), setting->value_ns, &timerfd->due_ns))
		timerfd->due_ns = INT64_MAX;
	if (timerfd->armed)
		timer_start(&timerfd->timer, deadline_of(timerfd));
	else
		timer_stop(&timerfd->timer);
}

enum err timerfd_set(struct file *file, const struct timerfd_setting *setting,
		     struct timerfd_setting *old)
{
	struct timerfd *timerfd = file->private;
	uint64_t flags;

	if (file->ops != &timerfd_ops)
		return ERR_INVAL;
	flags = spin_lock_irqsave(&timerfd->lock);
	read_setting(timerfd, old);
	arm(timerfd, setting);
	spin_unlock_irqrestore(&timerfd->lock, flags);
	return OK;
}

enum err timerfd_get(struct file *file, struct timerfd_setting *out)
{
	struct timerfd *timerfd = file->private;
	uint64_t flags;

	if (file->ops != &timerfd_ops)
		return ERR_INVAL;
	flags = spin_lock_irqsave(&timerfd->lock);
	read_setting(timerfd, out);
	spin_unlock_irqrestore(&timerfd->lock, flags);
	return OK;
}
