/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside proc/: what the files of /proc/N share. */
#include "fs/procfs/procfs.h"
#include "proc/process.h"

/** The process that a node speaks of, counted; NULL when it is gone or its number names another. */
struct process *procfs_process(const struct procfs_subject *subject);

/**
 * The same, uncounted, for what only its owner and root may see: memory, descriptors, places. What
 * is to be seen is taken under the same hold of the lock: after it the process may be another
 * user's by exec. Context: process_lock held. Return: OK, ERR_SRCH, ERR_ACCES.
 */
enum err procfs_inspect_locked(const struct procfs_subject *subject, struct process **out);

/** Counted parts of a live process, or NULL when they are gone. Context: process_lock held. */
struct space *procfs_space_locked(struct process *process);
struct file_table *procfs_files_locked(struct process *process);

/** The descriptors of one that may be inspected. Return: as there; ERR_NOENT: none any more. */
enum err procfs_private_files(const struct procfs_subject *subject, struct file_table **out);

extern const struct procfs_node procfs_process_nodes[];

enum err procfs_show_stat(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_statm(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_status(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_maps(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_cmdline(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_environ(struct procfs_text *text, const struct procfs_subject *subject);

enum err procfs_show_limits(struct procfs_text *text, const struct procfs_subject *subject);

/* What a number in fd/ and in fdinfo/ is, and the next one from @from on. */
extern const struct procfs_node procfs_fd_link, procfs_fd_info;
int64_t procfs_fd_next(const struct procfs_subject *subject, uint64_t from);

enum err procfs_show_interrupts(struct procfs_text *text, const struct procfs_subject *subject);
enum err procfs_show_cpuinfo(struct procfs_text *text, const struct procfs_subject *subject);

/** The files about the machine; what cannot be set of it: /proc/sys, and what there is none of. */
void procfs_register_system(void);
void procfs_register_settings(void);
/** DEBUG builds: /proc/lock_stat. */
void procfs_register_locks(void);
