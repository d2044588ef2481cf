/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* timerfd: a timer whose expirations are counted and read. */
#include "fs/file.h"

struct timerfd_setting {
	uint64_t value_ns; /* to the next expiration; 0: disarmed */
	uint64_t interval_ns;
	bool absolute;      /* @value_ns is a time of the clock */
	bool cancel_on_set; /* a read fails once when the clock was set */
};

/** @realtime: by the real time, which may be set, else since boot. Return: OK, ERR_NOMEM. */
enum err timerfd_create(bool realtime, uint32_t flags, const struct cred *cred, struct file **out);

/** Arm, disarm; *@old is how it stood. Return: OK, ERR_INVAL if @file is no timerfd. */
enum err timerfd_set(struct file *file, const struct timerfd_setting *setting,
		     struct timerfd_setting *old);

/** What is left, never 0 while armed. Return: as above. */
enum err timerfd_get(struct file *file, struct timerfd_setting *out);
