/* SPDX-License-Identifier: BSD-2-Clause */
/* Which names stand where, and reading directories of them. */
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "fs/procfs/procfs_internal.h"
#include "fs/readdir.h"
#include "kernel/core/panic.h"
#include "mm/slab.h"

/* Positions in a directory: fixed names first, numbered ones from here on. */
#define POS_NUMBERED 0x10000u
#define NUMBER_MAX   UINT32_MAX

struct list_node procfs_entries = LIST_INIT(procfs_entries);
const struct procfs_processes *procfs_processes;

const struct procfs_node procfs_root_node = {.name = "", .mode = S_IFDIR | 0555};
const struct procfs_node procfs_self_node = {.name = "self", .mode = S_IFLNK | 0777};
const struct procfs_node procfs_thread_self_node = {.name = "thread-self", .mode = S_IFLNK | 0777};
struct procfs_node procfs_process_node = {.name = "process", .mode = S_IFDIR | 0555};

void procfs_set_processes(const struct procfs_processes *processes)
{
	procfs_process_node.children = processes->nodes;
	procfs_processes = processes;
	if (procfs_register(&procfs_self_node) || procfs_register(&procfs_thread_self_node))
		panic("procfs: no memory");
}

enum err procfs_register(const struct procfs_node *node)
{
	struct procfs_entry *entry = kmalloc(sizeof(*entry));

	if (!entry)
		return ERR_NOMEM;
	entry->node = node;
	list_add_tail(&procfs_entries, &entry->link);
	return OK;
}

/* A decimal number without leading zeros; false for anything else. */
static bool parse_number(const char *name, size_t len, uint32_t *out)
{
	uint64_t number = 0;

	if (!len || len > 10 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		number = number * 10 + (uint64_t)(name[i] - '0');
	}
	*out = (uint32_t)number;
	return number <= NUMBER_MAX;
}

static bool is_named(const struct procfs_node *node, const char *name, size_t len)
{
	return strlen(node->name) == len && !memcmp(node->name, name, len);
}

/* The fixed name at @place of a directory, or NULL behind the last. */
static const struct procfs_node *fixed_at(const struct procfs_node *dir, uint64_t place)
{
	if (dir != &procfs_root_node) {
		const struct procfs_node *node = dir->children;

		for (; node && node->name && place; place--)
			node++;
		return node && node->name ? node : NULL;
	}
	list_for_each(link, &procfs_entries)
	{
		if (!place--)
			return list_entry(link, struct procfs_entry, link)->node;
	}
	return NULL;
}

/* The numbered name after @from: a process of the root, a child of a directory like fd/. */
static int64_t numbered_next(const struct procfs_node *dir, const struct procfs_subject *subject,
			     uint64_t from)
{
	if (dir == &procfs_root_node)
		return procfs_processes ? procfs_processes->next(from) : -1;
	return dir->next ? dir->next(subject, from) : -1;
}

static bool find_numbered(const struct procfs_node *dir, const struct procfs_subject *subject,
			  uint32_t number, const struct procfs_node **node,
			  struct procfs_subject *child)
{
	if (dir == &procfs_root_node) {
		*node = &procfs_process_node;
		return procfs_processes && procfs_processes->find(number, child);
	}
	if (!dir->next || dir->next(subject, number) != number)
		return false;
	*node = dir->numbered;
	child->index = number;
	return true;
}

bool procfs_find(const struct procfs_node *dir, const struct procfs_subject *subject,
		 const char *name, size_t len, const struct procfs_node **node,
		 struct procfs_subject *child)
{
	const struct procfs_node *fixed;
	uint32_t number;

	*child = *subject;
	for (uint64_t place = 0; (fixed = fixed_at(dir, place)); place++) {
		if (is_named(fixed, name, len)) {
			*node = fixed;
			return true;
		}
	}
	return parse_number(name, len, &number) && find_numbered(dir, subject, number, node, child);
}

static bool emit_fixed(struct file *file, struct dir_sink *sink)
{
	struct procfs_inode *proc = procfs_inode_of(file->inode);
	const struct procfs_node *node;

	while (file->position < POS_NUMBERED) {
		node = fixed_at(proc->node, file->position - DIR_POS_FIRST);
		if (!node) {
			file->position = POS_NUMBERED;
			break;
		}
		if (!dir_emit(sink, node->name, strlen(node->name),
			      procfs_number(node, &proc->subject), file->position + 1, node->mode))
			return false;
		file->position++;
	}
	return true;
}

static void emit_numbered(struct file *file, struct dir_sink *sink)
{
	struct procfs_inode *proc = procfs_inode_of(file->inode);
	const struct procfs_node *node =
		proc->node == &procfs_root_node ? &procfs_process_node : proc->node->numbered;
	int64_t number;

	while ((number = numbered_next(proc->node, &proc->subject,
				       file->position - POS_NUMBERED)) >= 0) {
		struct procfs_subject subject = proc->subject;
		uint64_t next = (uint64_t)number + POS_NUMBERED + 1;
		char name[16];
		size_t len = format_text(name, sizeof(name), "%lu", (uint64_t)number);

		subject.index = (uint32_t)number;
		if (proc->node == &procfs_root_node)
			subject = (struct procfs_subject){.pid = (uint32_t)number};
		if (!dir_emit(sink, name, len, procfs_number(node, &subject), next, node->mode))
			return;
		file->position = next;
	}
}

static enum err procfs_readdir(struct file *file, struct dir_sink *sink)
{
	if (dir_emit_dots(file, sink) && emit_fixed(file, sink))
		emit_numbered(file, sink);
	return OK;
}

const struct file_ops procfs_dir_ops = {.readdir = procfs_readdir};
