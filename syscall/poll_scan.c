/* SPDX-License-Identifier: BSD-2-Clause */
#include "syscall/poll_scan.h"

#include "kernel/lib/bits.h"

#include "mm/slab.h"
#include "mm/usercopy.h"

/* Two queues a file: a pipe has one for each side. */
#define WAITERS_A_FILE 2u

/* Return: how many, 0 when time is up, ERR_RESTARTNOHAND, what look() found wrong. */
static int64_t sleep_on(struct poll_scan *scan, struct waiter *waiters, struct file **held,
			uint64_t deadline)
{
	enum wait_result result = WAIT_OK;
	struct poll_wait wait;
	int64_t ready;

	poll_wait_init(&wait, waiters, (size_t)scan->count * WAITERS_A_FILE);
	ready = scan->look(scan, &wait, held);
	while (!ready && result == WAIT_OK) {
		result = poll_wait_sleep(&wait, deadline, WAIT_INTERRUPTIBLE);
		ready = scan->look(scan, NULL, NULL);
	}
	poll_wait_finish(&wait);
	for (uint32_t i = 0; i < scan->count; i++)
		file_put(held[i]);
	if (ready)
		return ready;
	return result == WAIT_INTR ? ERR_RESTARTNOHAND : 0;
}

static __noinline int64_t sleep_for_any(struct poll_scan *scan, uint64_t deadline)
{
	size_t count = MAX(scan->count, 1u);
	struct waiter *waiters = kmalloc(count * WAITERS_A_FILE * sizeof(*waiters));
	struct file **held = kcalloc(count, sizeof(struct file *));
	int64_t result = ERR_NOMEM;

	if (waiters && held)
		result = sleep_on(scan, waiters, held, deadline);
	kfree(waiters);
	kfree(held);
	return result;
}

int64_t poll_scan_wait(struct poll_scan *scan, uint64_t deadline_ns, bool may_sleep)
{
	int64_t ready = scan->look(scan, NULL, NULL);

	return ready || !may_sleep ? ready : sleep_for_any(scan, deadline_ns);
}

enum err poll_timeout_get(struct uaddr at, uint64_t *deadline_ns, bool *may_sleep)
{
	uint64_t ns;
	enum err err;

	*deadline_ns = TIME_NEVER;
	*may_sleep = true;
	if (!at.raw)
		return OK;
	err = user_time_get(&ns, at);
	if (err != OK)
		return err;
	*may_sleep = ns != 0;
	if (ns)
		*deadline_ns = user_deadline(ns);
	return OK;
}

void poll_timeout_put(struct uaddr at, uint64_t deadline_ns, uint64_t unit_ns)
{
	uint64_t now, left, time[2];

	if (deadline_ns == TIME_NEVER)
		return;
	now = time_now_ns();
	left = deadline_ns > now ? deadline_ns - now : 0;
	time[0] = left / NS_PER_S;
	time[1] = left % NS_PER_S / unit_ns;
	(void)!copy_to_user(at, time, sizeof(time));
}

enum err poll_mask_begin(uint64_t set_at, uint64_t size)
{
	uint64_t set;
	enum err err;

	if (!set_at)
		return OK;
	if (size != 8)
		return ERR_INVAL;
	err = get_user_u64(&set, (struct uaddr){set_at});
	if (err == OK)
		signal_set_blocked_until_delivery(set);
	return err;
}

int64_t poll_mask_end(int64_t result)
{
	if (result != ERR_RESTARTNOHAND)
		signal_restore_blocked();
	return result;
}
