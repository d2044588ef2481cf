/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/typed.h"

#define TYPED_BYTES 1024u

static struct spinlock typed_lock = SPINLOCK_INIT(LOCK_TYPED);
static uint8_t ring[TYPED_BYTES];
static uint32_t head; /* next to be filled; both run freely, modulo the size */
static uint32_t tail;
static bool reboot;
static struct wait_queue waiting = WAIT_QUEUE_INIT(waiting);

void typed_put(const uint8_t *bytes, uint32_t count)
{
	uint64_t flags = spin_lock_irqsave(&typed_lock);
	bool fits = count <= TYPED_BYTES - (head - tail);

	for (uint32_t i = 0; fits && i < count; i++)
		ring[head++ % TYPED_BYTES] = bytes[i];
	spin_unlock_irqrestore(&typed_lock, flags);
	if (fits && count)
		wait_wake_all(&waiting);
}

void typed_put_reboot(void)
{
	WRITE_ONCE(reboot, true);
	wait_wake_all(&waiting);
}

bool typed_take_reboot(void)
{
	return __atomic_exchange_n(&reboot, false, __ATOMIC_RELAXED);
}

bool typed_waiting(void)
{
	return READ_ONCE(head) != READ_ONCE(tail) || READ_ONCE(reboot);
}

uint32_t typed_take(uint8_t *bytes, uint32_t size)
{
	uint64_t flags = spin_lock_irqsave(&typed_lock);
	uint32_t count = 0;

	while (count < size && tail != head)
		bytes[count++] = ring[tail++ % TYPED_BYTES];
	spin_unlock_irqrestore(&typed_lock, flags);
	return count;
}

struct wait_queue *typed_wait(void)
{
	return &waiting;
}
