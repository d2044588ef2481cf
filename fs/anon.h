/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Files that are nothing but what can be done with them: they share one inode and have no place. */
#include "fs/file.h"

enum anon_kind { ANON_EVENTPOLL, ANON_EVENTFD, ANON_TIMERFD, ANON_KINDS };

/**
 * An open file of such a kind, for reading and writing. @flags: O_NONBLOCK or 0.
 * Return: OK, ERR_NOMEM; then @private stays the caller's.
 */
enum err anon_create(enum anon_kind kind, const struct file_ops *ops, uint32_t flags,
		     const struct cred *cred, void *private, struct file **out);
