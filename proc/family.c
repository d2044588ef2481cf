/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/family.h"

struct pid *family_lock_all(void)
{
	lglock_lock(&process_lock);
	return NULL;
}

void family_unlock_all(void)
{
	lglock_unlock(&process_lock);
}

struct pid *family_widen(struct pid *session)
{
	if (!session)
		return NULL;
	family_unlock(session);
	return family_lock_all();
}
