/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a terminal asks of proc, which defines each of these once. Sessions and process groups are
 * opaque counted references here: proc's struct pid.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct pid;

/** Send @signal to every process of @group (SI_KERNEL). Context: thread, no spinlock. */
void tty_signal_group(struct pid *group, unsigned signal);

/** Take and drop a reference. */
struct pid *tty_pid_get(struct pid *pid);
void tty_pid_put(struct pid *pid);

/** The number that programs see. */
int32_t tty_pid_number(const struct pid *pid);

/** The running process's session and group, borrowed: valid while it runs. */
struct pid *tty_current_session(void);
struct pid *tty_current_group(void);

/** Whether the running process leads its session. */
bool tty_current_is_leader(void);

/**
 * The process group @number of the running process's session, with a reference.
 *
 * Return: OK; ERR_SRCH when there is no such group; ERR_PERM when it is in another session.
 */
enum err tty_group_find(int32_t number, struct pid **out);

/**
 * The running process uses its terminal from the background: its group gets @signal, SIGTTIN or
 * SIGTTOU, unless the process blocks or ignores it.
 *
 * Return: OK when it may go on; ERR_RESTARTSYS when the signal was sent; ERR_IO when it will never
 * be allowed: SIGTTIN blocked or ignored, or nobody is there to continue the group.
 */
enum err tty_background(unsigned signal);
