/* SPDX-License-Identifier: BSD-2-Clause */
/* Epolls that watch epolls: not each other, and not too many in a row. */
#include "kernel/lib/bits.h"

#include "fs/epoll_internal.h"

static uint64_t walks; /* under epoll_lock */

/* How many epolls stand in the longest row that begins with @epoll and goes down what it watches;
 * more than EPOLL_ROW_MAX where @stop is among them. Each is visited once. */
static uint32_t row_below(struct epoll *epoll, const struct epoll *stop, uint32_t at)
{
	uint32_t row = 0;

	if (epoll == stop || at > EPOLL_ROW_MAX)
		return EPOLL_ROW_MAX + 1;
	if (epoll->visited == walks)
		return epoll->row;
	list_for_each(node, &epoll->inner)
	{
		const struct epoll_item *item = list_entry(node, struct epoll_item, inner);

		row = MAX(row, row_below(epoll_of(item->file), stop, at + 1));
	}
	epoll->visited = walks;
	epoll->row = row + 1;
	return epoll->row;
}

/* The same upwards: who watches it. */
static uint32_t row_above(struct epoll *epoll, uint32_t at)
{
	uint32_t row = 0;

	if (at > EPOLL_ROW_MAX)
		return EPOLL_ROW_MAX + 1;
	if (epoll->visited == walks)
		return epoll->row;
	for (const struct epoll_item *item = epoll->file->watchers; item; item = item->next_watcher)
		row = MAX(row, row_above(item->epoll, at + 1));
	epoll->visited = walks;
	epoll->row = row + 1;
	return epoll->row;
}

enum err epoll_check_row(struct epoll *outer, struct epoll *inner)
{
	uint32_t below, above;

	walks++;
	below = row_below(inner, outer, 1);
	walks++;
	above = row_above(outer, 1);
	return below + above > EPOLL_ROW_MAX ? ERR_LOOP : OK;
}
