/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/uts.h"

#include "kernel/lib/string.h"

#include "kernel/core/spinlock.h"

static struct spinlock uts_lock = SPINLOCK_INIT(LOCK_UTS);
static char names[UTS_NAMES][UTS_FIELD_BYTES] = {
	[UTS_HOST] = "bartizan",
	[UTS_DOMAIN] = "(none)",
};

void uts_get(enum uts_name which, char name[UTS_FIELD_BYTES])
{
	spin_lock(&uts_lock);
	memcpy(name, names[which], UTS_FIELD_BYTES);
	spin_unlock(&uts_lock);
}

void uts_set(enum uts_name which, const char name[UTS_FIELD_BYTES])
{
	spin_lock(&uts_lock);
	memcpy(names[which], name, UTS_FIELD_BYTES);
	spin_unlock(&uts_lock);
}
