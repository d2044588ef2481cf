/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/stat, statm and status: what ps and top read. */
#include "kernel/lib/string.h"

#include "fs/context.h"
#include "mm/addr.h"
#include "mm/space/space.h"
#include "proc/procfs_internal.h"

#define NS_PER_CLOCK_TICK 10000000u /* USER_HZ is 100 */

/* A snapshot, so that no lock is held while text is made. */
struct snapshot {
	char name[THREAD_NAME_BYTES];
	char state;
	uint32_t pid, parent, group, session;
	uint32_t threads;
	int32_t nice;
	uint32_t flags;
	uint64_t cpu_ns, cpu_ns_children, start_ns;
	uint64_t pending, blocked, ignored, caught;
	uint64_t stack_limit;
	struct space_stats memory;
};

static char state_of(const struct process *process)
{
	char state = 'S';

	if (process->state != PROCESS_LIVE)
		return 'Z';
	if (process->stop.complete)
		return 'T';
	list_for_each(node, &process->tasks)
	{
		if (list_entry(node, struct task, link)->thread.state == THREAD_RUNNABLE)
			state = 'R';
	}
	return state;
}

static void read_tasks_locked(const struct process *process, struct snapshot *out)
{
	out->cpu_ns = process->used_dead.cpu_ns;
	list_for_each(node, &process->tasks) out->cpu_ns +=
		thread_cpu_ns(&list_entry(node, struct task, link)->thread);
	if (!list_empty(&process->tasks)) {
		const struct task *first = list_first(&process->tasks, struct task, link);

		out->blocked = first->blocked;
		out->nice = first->priority.nice;
	}
}

static void read_process(struct process *process, struct snapshot *out)
{
	struct space *space;

	*out = (struct snapshot){};
	procfs_comm(process, out->name);
	spin_lock(&process_lock);
	out->state = state_of(process);
	out->pid = process->pid->number;
	out->parent = process->parent ? process->parent->pid->number : 0;
	if (process->state != PROCESS_REAPED) {
		out->group = process->group->number;
		out->session = process->session->number;
	}
	out->threads = process->task_count;
	out->flags = process->flags;
	read_tasks_locked(process, out);
	out->cpu_ns_children = process->used_children.cpu_ns;
	out->start_ns = process->start_ns;
	out->pending = process->pending.mask;
	if (process->state == PROCESS_LIVE && process->handlers) {
		out->ignored = process->handlers->ignored;
		out->caught = process->handlers->handled;
	}
	out->stack_limit = process->limits[RLIMIT_STACK].current;
	spin_unlock(&process_lock);
	space = procfs_space(process);
	if (!space)
		return;
	space_stats(space, &out->memory);
	space_put(space);
}

static enum err take_snapshot(const struct procfs_subject *subject, struct snapshot *out)
{
	struct process *process = procfs_process(subject);

	if (!process)
		return ERR_SRCH;
	read_process(process, out);
	process_put(process);
	return OK;
}

enum err procfs_show_stat(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct snapshot now;
	enum err error = take_snapshot(subject, &now);

	if (error)
		return error;
	/* Fields 1-13: identity and fault counts. */
	procfs_print(text, "%u (%s) %c %u %u %u 0 -1 0 0 0 0 0 ", now.pid, now.name, now.state,
		     now.parent, now.group, now.session);
	/* 14-20: times, priority, threads. */
	procfs_print(text, "%lu 0 %lu 0 %d %d %u ", now.cpu_ns / NS_PER_CLOCK_TICK,
		     now.cpu_ns_children / NS_PER_CLOCK_TICK, 20 + now.nice, now.nice, now.threads);
	/* 21-25: timer, start, memory. */
	procfs_print(text, "0 %lu %lu %lu %lu ", now.start_ns / NS_PER_CLOCK_TICK,
		     (uint64_t)(now.memory.mapped_pages * PAGE_SIZE), now.memory.resident_pages,
		     UINT64_MAX);
	/* 26-37: addresses (nobody's business) and signals, then 38-52. */
	procfs_print(text, "0 0 0 0 0 %lu %lu %lu %lu 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		     now.pending & INT32_MAX, now.blocked & INT32_MAX, now.ignored & INT32_MAX,
		     now.caught & INT32_MAX);
	return OK;
}

enum err procfs_show_statm(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct snapshot now;
	enum err error = take_snapshot(subject, &now);

	if (error)
		return error;
	procfs_print(text, "%lu %lu %lu 0 0 %lu 0\n", now.memory.mapped_pages,
		     now.memory.resident_pages, now.memory.resident_pages - now.memory.anon_pages,
		     now.memory.anon_pages);
	return OK;
}

static const char *state_word(char state)
{
	return state == 'R'   ? "running"
	       : state == 'Z' ? "zombie"
	       : state == 'T' ? "stopped"
			      : "sleeping";
}

static void print_cred(struct procfs_text *text, const struct cred *cred)
{
	procfs_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\nGroups:\t", cred->uid,
		     cred->euid, cred->suid, cred->fsuid, cred->gid, cred->egid, cred->sgid,
		     cred->fsgid);
	for (uint32_t i = 0; i < cred->group_count; i++)
		procfs_print(text, "%u ", cred->groups[i]);
	procfs_print(text, "\n");
}

static const struct cred *cred_of(struct process *process)
{
	const struct cred *cred;

	spin_lock(&process_lock);
	cred = cred_get(process->cred ? process->cred : cred_root());
	spin_unlock(&process_lock);
	return cred;
}

enum err procfs_show_status(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct process *process = procfs_process(subject);
	const struct cred *cred;
	struct snapshot now;

	if (!process)
		return ERR_SRCH;
	read_process(process, &now);
	cred = cred_of(process);
	process_put(process);
	procfs_print(text, "Name:\t%s\nState:\t%c (%s)\nTgid:\t%u\nPid:\t%u\nPPid:\t%u\n", now.name,
		     now.state, state_word(now.state), now.pid, now.pid, now.parent);
	procfs_print(text, "TracerPid:\t0\n");
	print_cred(text, cred);
	cred_put(cred);
	procfs_print(text, "VmSize:\t%8lu kB\nVmRSS:\t%8lu kB\nRssAnon:\t%8lu kB\nThreads:\t%u\n",
		     now.memory.mapped_pages * 4, now.memory.resident_pages * 4,
		     now.memory.anon_pages * 4, now.threads);
	procfs_print(text, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n", 0ul, now.pending,
		     now.blocked);
	procfs_print(text, "SigIgn:\t%016lx\nSigCgt:\t%016lx\nNoNewPrivs:\t%u\n", now.ignored,
		     now.caught, (now.flags & PROCESS_NO_NEW_PRIVS) != 0);
	return OK;
}
