/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A process or a thread at one moment, so that no lock is held while text is made of it. */
#include "drv/tty/tty.h"
#include "mm/space/space.h"
#include "proc/procfs_internal.h"

struct procfs_snapshot {
	char name[THREAD_NAME_BYTES];
	char state;      /* R, S, T or Z */
	uint32_t number; /* of the thread, or the process's */
	uint32_t process, parent, group, session;
	uint32_t threads, flags, exit_signal;
	uint32_t umask, descriptors; /* room for so many */
	int32_t nice;
	uint32_t cpu; /* where it runs or ran last */
	struct usage usage, children;
	uint64_t start_ns;
	uint64_t pending, pending_of_process, blocked, ignored, caught;
	uint64_t signals, signals_max; /* queued by its user */
	struct space_stats memory;
	struct tty_name tty; /* all 0: none */
	const struct cred *cred;
};

/** Fill in *@out, to be given back by procfs_snapshot_drop(). Return: OK, ERR_SRCH. */
enum err procfs_snapshot_take(const struct procfs_subject *subject, struct procfs_snapshot *out);
void procfs_snapshot_drop(struct procfs_snapshot *snapshot);
