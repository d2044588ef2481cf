/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/N/status: the same for people, and for procps. */
#include "mm/addr.h"
#include "proc/procfs_snapshot.h"
#include "sec/cred.h"

#define KB_PER_PAGE 4u

static const char *state_word(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'T':
		return "stopped";
	case 'Z':
		return "zombie";
	default:
		return "sleeping";
	}
}

static void print_identity(struct procfs_text *text, const struct procfs_snapshot *now)
{
	procfs_print(text, "Name:\t%s\n", now->name);
	if (now->state != 'Z')
		procfs_print(text, "Umask:\t0%u%u%u\n", now->umask >> 6, now->umask >> 3 & 7,
			     now->umask & 7);
	procfs_print(text, "State:\t%c (%s)\nTgid:\t%u\nNgid:\t0\nPid:\t%u\nPPid:\t%u\n",
		     now->state, state_word(now->state), now->process, now->number, now->parent);
	procfs_print(text, "TracerPid:\t0\n");
}

static void print_cred(struct procfs_text *text, const struct procfs_snapshot *now)
{
	const struct cred *cred = now->cred;

	procfs_print(text, "Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n", cred->uid, cred->euid,
		     cred->suid, cred->fsuid, cred->gid, cred->egid, cred->sgid, cred->fsgid);
	procfs_print(text, "FDSize:\t%u\nGroups:\t", now->descriptors);
	for (uint32_t i = 0; i < cred->group_count; i++)
		procfs_print(text, "%u ", cred->groups[i]);
	procfs_print(text, "\n");
}

static void print_kb(struct procfs_text *text, const char *name, uint64_t pages)
{
	procfs_print(text, "%s:\t%8lu kB\n", name, pages * KB_PER_PAGE);
}

static void print_memory(struct procfs_text *text, const struct procfs_snapshot *now)
{
	const struct space_stats *memory = &now->memory;

	if (now->state == 'Z')
		return;
	print_kb(text, "VmSize", memory->mapped_pages);
	print_kb(text, "VmLck", 0);
	print_kb(text, "VmHWM", memory->peak_pages);
	print_kb(text, "VmRSS", memory->resident_pages);
	print_kb(text, "RssAnon", memory->anon_pages);
	print_kb(text, "RssFile", memory->resident_pages - memory->anon_pages);
	print_kb(text, "VmData", memory->data_pages);
	print_kb(text, "VmStk", memory->stack_pages);
	print_kb(text, "VmPTE", memory->table_pages);
	print_kb(text, "VmSwap", 0);
}

static void print_signals(struct procfs_text *text, const struct procfs_snapshot *now)
{
	procfs_print(text, "SigQ:\t%lu/%lu\n", now->signals, now->signals_max);
	procfs_print(text, "SigPnd:\t%016lx\nShdPnd:\t%016lx\nSigBlk:\t%016lx\n", now->pending,
		     now->pending_of_process, now->blocked);
	procfs_print(text, "SigIgn:\t%016lx\nSigCgt:\t%016lx\n", now->ignored, now->caught);
}

static void print_rights(struct procfs_text *text, const struct procfs_snapshot *now)
{
	const struct capabilities *caps = &now->cred->caps;

	procfs_print(text, "CapInh:\t%016lx\nCapPrm:\t%016lx\nCapEff:\t%016lx\n", caps->inheritable,
		     caps->permitted, caps->effective);
	procfs_print(text, "CapBnd:\t%016lx\nCapAmb:\t%016lx\n", caps->bounding, 0ul);
	procfs_print(text, "NoNewPrivs:\t%u\nSeccomp:\t0\n",
		     (now->flags & PROCESS_NO_NEW_PRIVS) != 0);
}

enum err procfs_show_status(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct procfs_snapshot now;
	enum err error = procfs_snapshot_take(subject, &now);

	if (error)
		return error;
	print_identity(text, &now);
	print_cred(text, &now);
	print_memory(text, &now);
	procfs_print(text, "Threads:\t%u\n", now.threads);
	print_signals(text, &now);
	print_rights(text, &now);
	procfs_print(text, "Cpus_allowed:\t1\nCpus_allowed_list:\t0\n");
	procfs_print(text, "voluntary_ctxt_switches:\t%lu\nnonvoluntary_ctxt_switches:\t%lu\n",
		     now.usage.voluntary, now.usage.forced);
	procfs_snapshot_drop(&now);
	return OK;
}
