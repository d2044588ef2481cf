/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/chardev.h"

#include "kernel/lib/string.h"

/* Filled at boot, then only read: no lock. A dozen devices; files keep what they found. */
static struct list_node chardevs = LIST_INIT(chardevs);

static bool chardev_clash(const struct chardev *a, const struct chardev *b)
{
	return (a->major == b->major && a->minor == b->minor) || strcmp(a->name, b->name) == 0;
}

enum err chardev_register(struct chardev *dev)
{
	list_for_each(node, &chardevs) if (chardev_clash(list_entry(node, struct chardev, link),
							 dev)) return ERR_EXIST;
	list_add_tail(&chardevs, &dev->link);
	return OK;
}

const struct chardev *chardev_find(uint32_t major, uint32_t minor)
{
	list_for_each(node, &chardevs)
	{
		const struct chardev *dev = list_entry(node, struct chardev, link);

		if (dev->major == major && dev->minor == minor)
			return dev;
	}
	return NULL;
}

void chardev_for_each(void (*visit)(const struct chardev *dev, void *arg), void *arg)
{
	list_for_each(node, &chardevs) visit(list_entry(node, struct chardev, link), arg);
}
