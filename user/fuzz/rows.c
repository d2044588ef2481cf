/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <sys/syscall.h>

#include "user/fuzz/fuzz.h"

const struct arg_row call_rows[] = {
#include "syscall/arg_rows.inc"
};
const uint32_t call_row_count = sizeof(call_rows) / sizeof(call_rows[0]);

/* Ends of the process that tell nothing, and the selftests' own calls. */
static const uint32_t never[] = {SYS_exit, SYS_exit_group, SYS_rt_sigreturn, 4097, 4098, 4099,
				 4100};

/*
 * Root's: the machine, its clock, and signals and limits of the harness beside the fuzzer. A device
 * made by number would be the port that the harness talks over.
 */
static const uint32_t never_as_root[] = {
	SYS_reboot,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_adjtimex,
	SYS_clock_adjtime,
	SYS_vhangup,
	SYS_kill,
	SYS_tkill,
	SYS_tgkill,
	SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo,
	SYS_prlimit64,
	SYS_mknod,
	SYS_mknodat,
	SYS_syslog,
	SYS_setpriority,
	SYS_sched_setscheduler,
	SYS_sched_setparam,
	SYS_sched_setattr,
	SYS_sched_setaffinity,
	SYS_ioprio_set,
};

static bool contains(const uint32_t *numbers, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (numbers[i] == number)
			return true;
	return false;
}

bool row_allowed(const struct arg_row *row)
{
	if (contains(never, sizeof(never) / sizeof(never[0]), row->number))
		return false;
	return !options.as_root ||
	       !contains(never_as_root, sizeof(never_as_root) / sizeof(never_as_root[0]),
			 row->number);
}
