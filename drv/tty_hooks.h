/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What a terminal asks of proc, which defines each of these once. Sessions and process groups are
 * opaque counted references here: proc's struct pid.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct pid;

struct tty;
struct commit_account;

/* What a session knows of its terminal; drv/tty guards it. */
struct tty_session {
	struct tty *tty;        /* counted */
	struct pid *hung_group; /* counted: the foreground group of the terminal that hung up */
};

/** The place for it in the session's struct pid, valid as long as that. */
struct tty_session *tty_session_of(struct pid *session);

/** Send @signal to every process of @group (SI_KERNEL). Context: thread, no spinlock. */
void tty_signal_group(struct pid *group, unsigned signal);

/** Send @signal to the leader of @session, if it lives (SI_KERNEL). Context: as above. */
void tty_signal_leader(struct pid *session, unsigned signal);

/** Ctrl-Alt-Del: process 1 gets SIGINT (SI_KERNEL) and does as it likes. Context: as above. */
void tty_ctrl_alt_del(void);

/** Take and drop a reference; dropping takes proc's locks. */
struct pid *tty_pid_get(struct pid *pid);
void tty_pid_put(struct pid *pid);

/** The number that programs see. */
int32_t tty_pid_number(const struct pid *pid);

/** The running process's session and group, to be compared: others may change them meanwhile. */
struct pid *tty_current_session(void);
struct pid *tty_current_group(void);

/** Both with a reference. Context: no spinlock of LOCK_PROCESS's rank or above. */
void tty_current_pids(struct pid **session, struct pid **group);

/** Whether the running process leads its session. */
bool tty_current_is_leader(void);

/** TIOCNOTTY: the running process and its later children have no controlling terminal. */
void tty_current_leave(void);
bool tty_current_has_left(void);

/** Whether the running process may take terminals from others (CAP_SYS_ADMIN). */
bool tty_current_is_root(void);

/** The owner of what the running process makes in file systems. */
uint32_t tty_current_uid(void);

/** Who pays for the kernel memory of what the running process opens; a reference. */
struct commit_account *tty_current_account(void);

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
