/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The frame of /proc: names come from constant tables, texts are built in kernel buffers at the
 * first read of an open file. proc/ registers what a process's directory holds.
 */
#include "kernel/lib/compiler.h"

#include "fs/mount.h"

struct file_table;

/** Text that grows as it is written; a lack of memory is kept until the end. */
struct procfs_text {
	char *data;
	size_t len, capacity;
	bool failed;
};

void procfs_print(struct procfs_text *text, const char *format, ...) __printf(2, 3);
void procfs_write(struct procfs_text *text, const void *bytes, size_t len);

/** Whom a node speaks of: a process by pid and a key that tells its reuse; 0 for /proc itself. */
struct procfs_subject {
	uint32_t pid;
	uint32_t index; /* number of a numbered child: a descriptor, a thread */
	uint64_t key;
};

struct procfs_node {
	const char *name; /* NULL ends a table; what stands for numbered names needs none */
	uint32_t mode;    /* type and permission bits */
	/* Only who may look inside the process opens it: its memory, its descriptors. */
	bool is_private;
	/* Regular files. Return: OK, ERR_SRCH when the process is gone, … */
	enum err (*show)(struct procfs_text *text, const struct procfs_subject *subject);
	const char *link; /* symbolic links: a fixed text, or ... */
	/* ... the object itself (counted), or NULL ... */
	enum err (*target)(const struct procfs_subject *subject, struct path *out);
	/* ... and the text readlink gives; NULL: the target's path. */
	int64_t (*text)(const struct procfs_subject *subject, char *buffer, size_t size);
	/* Directories: the names in it ... */
	const struct procfs_node *children;
	/* ... and numbered names (fd/): next number >= from, or -1; each is like @numbered. */
	int64_t (*next)(const struct procfs_subject *subject, uint64_t from);
	const struct procfs_node *numbered;
};

/** What proc/ tells of processes. */
struct procfs_processes {
	/* Fills pid and key; false if there is none such. */
	bool (*find)(uint32_t pid, struct procfs_subject *out);
	/* Smallest pid >= @from, or -1. */
	int64_t (*next)(uint64_t from);
	/* The caller's own pid. */
	uint32_t (*self)(void);
	/* The calling thread's. */
	uint32_t (*self_thread)(void);
	/* Whether the caller may open what is private to the process. */
	bool (*may_read)(const struct procfs_subject *subject);
	/* Owner shown for its directory (@top), and for what is in it. */
	void (*owner)(const struct procfs_subject *subject, bool top, uint32_t *uid,
		      uint32_t *gid);
	/* Whether the process is still the one that was found. */
	bool (*alive)(const struct procfs_subject *subject);
	const struct procfs_node *nodes; /* what /proc/N holds */
};

/** Boot only, once. */
void procfs_set_processes(const struct procfs_processes *processes);

/** The mounts that @root shows, as /proc/N/mounts or, @info, /proc/N/mountinfo tells of them. */
enum err procfs_print_mounts(struct procfs_text *text, const struct path *root, bool info);

/** Add a name to /proc itself; @node is kept. Boot only. */
enum err procfs_register(const struct procfs_node *node);
