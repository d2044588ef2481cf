/* SPDX-License-Identifier: BSD-2-Clause */
#include "drv/chardev.h"

#include "kernel/lib/string.h"

/* Filled at boot, then only read: no lock. A dozen devices; files keep what they found. */
static struct list_node chardevs = LIST_INIT(chardevs);

static uint32_t chardev_count(const struct chardev *dev)
{
	return dev->minors ? dev->minors : 1;
}

static bool chardev_has(const struct chardev *dev, uint32_t major, uint32_t minor)
{
	return dev->major == major && minor >= dev->minor &&
	       minor - dev->minor < chardev_count(dev);
}

static bool chardev_clash(const struct chardev *a, const struct chardev *b)
{
	return chardev_has(a, b->major, b->minor) || chardev_has(b, a->major, a->minor) ||
	       (a->name && b->name && strcmp(a->name, b->name) == 0);
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

		if (chardev_has(dev, major, minor))
			return dev;
	}
	return NULL;
}

void chardev_for_each(void (*visit)(const struct chardev *dev, void *arg), void *arg)
{
	list_for_each(node, &chardevs) visit(list_entry(node, struct chardev, link), arg);
}
