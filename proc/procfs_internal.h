/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Inside proc/: what the files of /proc/N share. */
#include "fs/procfs/procfs.h"
#include "proc/process.h"

/** The process that a node speaks of, counted; NULL when it is gone or its number names another. */
struct process *procfs_process(const struct procfs_subject *subject);

/**
 * The same for what only its owner and root may see: memory, descriptors, places.
 * Return: OK, ERR_SRCH, ERR_ACCES.
 */
enum err procfs_process_private(const struct procfs_subject *subject, struct process **out);

/** Counted parts of a live process, or NULL when they are gone. */
struct space *procfs_space(struct process *process);
struct file_table *procfs_files(struct process *process);

/** Its root, working directory and mask. */
struct fs_context *procfs_places(struct process *process);

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

enum err procfs_show_cpuinfo(struct procfs_text *text, const struct procfs_subject *subject);

/** The files about the machine; what cannot be set of it: /proc/sys, and what there is none of. */
void procfs_register_system(void);
void procfs_register_settings(void);
