/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "fs/file.h"
#include "fs/procfs/procfs.h"

#define PROCFS_LINK_BYTES 32u

struct procfs_inode {
	struct inode inode;
	const struct procfs_node *node;
	struct procfs_subject subject;
	char link[PROCFS_LINK_BYTES]; /* /proc/self: what it says to whom it was looked up for */
};

static inline struct procfs_inode *procfs_inode_of(struct inode *inode)
{
	return container_of(inode, struct procfs_inode, inode);
}

/* A name of /proc itself. */
struct procfs_entry {
	struct list_node link;
	const struct procfs_node *node;
};

extern struct list_node procfs_entries;
extern const struct procfs_processes *procfs_processes;
extern const struct procfs_node procfs_root_node, procfs_self_node, procfs_thread_self_node;
extern struct procfs_node procfs_process_node; /* what each /proc/N is */

extern const struct file_ops procfs_file_ops, procfs_dir_ops;

/** The node called @name in a directory and whom it speaks of; false: there is none. */
bool procfs_find(const struct procfs_node *dir, const struct procfs_subject *subject,
		 const char *name, size_t len, const struct procfs_node **node,
		 struct procfs_subject *child);

/** A stable inode number for a node of a subject. */
uint64_t procfs_number(const struct procfs_node *node, const struct procfs_subject *subject);

/** Register what needs nothing from above. */
void procfs_own_entries(void);
