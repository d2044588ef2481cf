/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/stat and statm: what ps and top read. */
#include "fs/stat.h"
#include "mm/addr.h"
#include "proc/procfs_snapshot.h"

#define NS_PER_CLOCK_TICK 10000000u /* USER_HZ is 100 */
#define LAST_SIGNAL       31u

static uint64_t ticks(uint64_t ns)
{
	return ns / NS_PER_CLOCK_TICK;
}

/* st_rdev of the terminal, as Linux packs it into 32 bits. */
static uint64_t terminal(const struct tty_name *tty)
{
	return tty->major ? device_number(tty->major, tty->minor) : 0;
}

/* As ps wants them: the first 31. */
static uint64_t old_set(uint64_t signals)
{
	return signals & ((1ull << LAST_SIGNAL) - 1);
}

/* Times in the kernel count as the program's own; addresses are nobody's business. */
enum err procfs_show_stat(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct procfs_snapshot now;
	enum err error = procfs_snapshot_take(subject, &now);

	if (error)
		return error;
	/* Fields 1-13: identity and fault counts. */
	procfs_print(text, "%u (%s) %c %u %u %u %lu %d 0 %lu %lu 0 0 ", now.number, now.name,
		     now.state, now.parent, now.group, now.session, terminal(&now.tty),
		     now.tty.foreground ? now.tty.foreground : -1, now.usage.faults,
		     now.children.faults);
	/* 14-20: times, priority, threads. */
	procfs_print(text, "%lu 0 %lu 0 %d %d %u ", ticks(now.usage.cpu_ns),
		     ticks(now.children.cpu_ns), 20 + now.nice, now.nice, now.threads);
	/* 21-25: timer, start, memory. */
	procfs_print(text, "0 %lu %lu %lu %lu ", ticks(now.start_ns),
		     (uint64_t)(now.memory.mapped_pages * PAGE_SIZE), now.memory.resident_pages,
		     UINT64_MAX);
	/* 26-37: addresses and signals, then 38-52. */
	procfs_print(text, "0 0 0 0 0 %lu %lu %lu %lu 0 0 0 %u %u 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		     old_set(now.pending | now.pending_of_process), old_set(now.blocked),
		     old_set(now.ignored), old_set(now.caught), now.exit_signal, now.cpu);
	procfs_snapshot_drop(&now);
	return OK;
}

enum err procfs_show_statm(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct procfs_snapshot now;
	enum err error = procfs_snapshot_take(subject, &now);

	if (error)
		return error;
	procfs_print(text, "%lu %lu %lu 0 0 %lu 0\n", now.memory.mapped_pages,
		     now.memory.resident_pages, now.memory.resident_pages - now.memory.anon_pages,
		     now.memory.data_pages + now.memory.stack_pages);
	procfs_snapshot_drop(&now);
	return OK;
}
