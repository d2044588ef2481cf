/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Circular doubly linked lists; the neighbours are checked at every add and remove (P-M13-09). */
#include "kernel/lib/assert.h"
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

struct list_node {
	struct list_node *next;
	struct list_node *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}

static inline void list_init(struct list_node *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool list_empty(const struct list_node *list)
{
	return list->next == list;
}

static inline void list_insert_between(struct list_node *node, struct list_node *prev,
				       struct list_node *next)
{
	ASSERT(prev->next == next && next->prev == prev);
	node->next = next;
	node->prev = prev;
	prev->next = node;
	next->prev = node;
}

static inline void list_add_head(struct list_node *list, struct list_node *node)
{
	list_insert_between(node, list, list->next);
}

static inline void list_add_tail(struct list_node *list, struct list_node *node)
{
	list_insert_between(node, list->prev, list);
}

/* Takes the node out and leaves it empty, so that list_empty(node) says "in no list". */
static inline void list_remove(struct list_node *node)
{
	ASSERT(node->next->prev == node && node->prev->next == node);
	node->next->prev = node->prev;
	node->prev->next = node->next;
	list_init(node);
}

/* Moves all of @from behind the last of @list; @from is empty afterwards. */
static inline void list_splice_tail(struct list_node *list, struct list_node *from)
{
	if (list_empty(from))
		return;
	from->next->prev = list->prev;
	list->prev->next = from->next;
	from->prev->next = list;
	list->prev = from->prev;
	list_init(from);
}

#define list_entry(node, type, member) container_of(node, type, member)
#define list_first(list, type, member) list_entry((list)->next, type, member)
#define list_last(list, type, member)  list_entry((list)->prev, type, member)

#define list_for_each(node, list) \
	for (struct list_node *node = (list)->next; node != (list); node = node->next)

/* Allows the current node to be removed. */
#define list_for_each_safe(node, following, list)                                            \
	for (struct list_node *node = (list)->next, *following = node->next; node != (list); \
	     node = following, following = node->next)
