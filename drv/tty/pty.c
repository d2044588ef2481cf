/* SPDX-License-Identifier: BSD-2-Clause */
/* Pairs of pseudo terminals: their table, their slaves' lower end, their end. */
#include "kernel/lib/bits.h"

#include "drv/pty_hooks.h"
#include "drv/tty/pty_internal.h"
#include "drv/tty_hooks.h"
#include "kernel/core/limits.h"
#include "mm/addr.h"
#include "mm/slab.h"
#include "mm/space/commit.h"
#include "mm/space/commit_hooks.h"

#define PTY_PAGES (align_up(sizeof(struct pty), PAGE_SIZE) / PAGE_SIZE)

static struct mutex table_lock = MUTEX_INIT(table_lock, LOCK_DEVICE);
static struct pty *table[LIMIT_PTYS];
static uint32_t lowest_free; /* no index below is free */

static uint32_t pty_write(struct tty *tty, const uint8_t *bytes, uint32_t count)
{
	struct pty *pty = pty_of(tty);
	uint32_t taken = MIN(count, PTY_OUT_BYTES - pty_out_count(pty));

	for (uint32_t i = 0; i < taken; i++)
		pty->out[pty->head++ & (PTY_OUT_BYTES - 1)] = bytes[i];
	if (taken)
		wait_wake_all(&pty->master);
	return taken;
}

static uint32_t pty_room(const struct tty *tty)
{
	return PTY_OUT_BYTES - pty_out_count(pty_of(tty));
}

/* Sent is what stands before the master: nobody waits for it to read. */
static uint32_t pty_queued(const struct tty *tty)
{
	(void)tty;
	return 0;
}

static void pty_flush(struct tty *tty)
{
	pty_of(tty)->tail = pty_of(tty)->head;
}

static void pty_event(struct tty *tty, unsigned events)
{
	struct pty *pty = pty_of(tty);
	unsigned undone = 0;

	if (!pty->packet || !events)
		return;
	if (events & (TTY_STOP | TTY_START))
		undone |= TTY_STOP | TTY_START;
	if (events & (TTY_NO_STOP | TTY_DO_STOP))
		undone |= TTY_NO_STOP | TTY_DO_STOP;
	pty->events = (uint8_t)((pty->events & ~undone) | events);
	wait_wake_all(&pty->master);
}

static enum err pty_opened(struct tty *tty)
{
	struct pty *pty = pty_of(tty);

	if (pty->locked || pty->master_closed)
		return ERR_IO;
	pty->slave_closed = false;
	return OK;
}

static void pty_closed(struct tty *tty)
{
	pty_of(tty)->slave_closed = true;
	wait_wake_all(&pty_of(tty)->master);
}

static void pty_release(struct pty *pty)
{
	commit_release(pty->account, PTY_PAGES);
	commit_account_put(pty->account);
	kfree(pty);
}

static void table_remove(uint32_t index)
{
	mutex_lock(&table_lock);
	table[index] = NULL;
	lowest_free = MIN(lowest_free, index);
	mutex_unlock(&table_lock);
}

static void pty_free(struct tty *tty)
{
	table_remove(pty_of(tty)->index);
	pty_release(pty_of(tty));
}

static const struct tty_line_ops pty_line = {
	.write = pty_write,
	.room = pty_room,
	.queued = pty_queued,
	.flush = pty_flush,
	.event = pty_event,
	.opened = pty_opened,
	.closed = pty_closed,
	.free = pty_free,
	.cflag_fixed = CSIZE | PARENB | CREAD,
	.cflag_value = CS8 | CREAD,
};

/* Gives @pty the lowest free index. */
static enum err table_add(struct pty *pty)
{
	enum err err = ERR_NOSPC;

	mutex_lock(&table_lock);
	while (lowest_free < LIMIT_PTYS && table[lowest_free])
		lowest_free++;
	if (lowest_free < LIMIT_PTYS) {
		pty->index = lowest_free++;
		table[pty->index] = pty;
		err = OK;
	}
	mutex_unlock(&table_lock);
	return err;
}

static void table_set_live(struct pty *pty, bool live)
{
	mutex_lock(&table_lock);
	pty->live = live;
	mutex_unlock(&table_lock);
}

static struct pty *pty_allocate(void)
{
	struct commit_account *account = tty_current_account();
	struct pty *pty;

	if (commit_charge(account, PTY_PAGES) != OK)
		goto out_account;
	pty = kcalloc(1, sizeof(*pty));
	if (!pty)
		goto out_charge;
	pty->account = account;
	tty_setup(&pty->slave, &pty_line, pty, &pty->writers);
	wait_queue_init(&pty->master);
	wait_queue_init(&pty->writers);
	pty->locked = true;
	return pty;
out_charge:
	commit_release(account, PTY_PAGES);
out_account:
	commit_account_put(account);
	return NULL;
}

enum err pty_create(struct pty **out)
{
	struct pty *pty = pty_allocate();
	enum err err;

	if (!pty)
		return ERR_NOMEM;
	err = table_add(pty);
	if (err != OK)
		goto out_pty;
	pty->slave.major = PTY_MAJOR;
	pty->slave.minor = pty->index;
	err = pty_node_add(pty->index, tty_current_uid());
	if (err != OK)
		goto out_table;
	table_set_live(pty, true);
	*out = pty;
	return OK;
out_table:
	table_remove(pty->index);
out_pty:
	pty_release(pty);
	return err;
}

void pty_close_master(struct pty *pty)
{
	table_set_live(pty, false);
	pty_node_remove(pty->index);
	mutex_lock(&pty->slave.lock);
	pty->master_closed = true;
	mutex_unlock(&pty->slave.lock);
	tty_hangup(&pty->slave);
	tty_put(&pty->slave);
}

struct tty *pty_find_slave(uint32_t index)
{
	struct tty *slave = NULL;

	mutex_lock(&table_lock);
	/* The open master's own reference keeps the count from having been nothing already. */
	if (index < LIMIT_PTYS && table[index] && table[index]->live)
		slave = tty_get(&table[index]->slave);
	mutex_unlock(&table_lock);
	return slave;
}
