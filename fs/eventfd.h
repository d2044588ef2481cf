/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* eventfd(2): a count that is added to by writing and taken by reading. */
#include "fs/file.h"

/** @semaphore: a read takes 1, not all. @flags: O_NONBLOCK or 0. Return: OK, ERR_NOMEM. */
enum err eventfd_create(uint64_t count, bool semaphore, uint32_t flags, const struct cred *cred,
			struct file **out);
