/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What is fixed, why, and what its exhaustion looks like to a program. A limit that user space can
 * reach answers with Linux's errno.
 */

/* Static per-CPU arrays before the allocator. More CPUs are left stopped, with a log line. */
#define LIMIT_CPUS 64u
/* Linux's own: /proc/sys/kernel/pid_max. EAGAIN. */
#define LIMIT_PIDS 4194304u
/* Linux's PATH_MAX with its NUL. ENAMETOOLONG. */
#define LIMIT_PATH_BYTES 4096u
/* Linux's NAME_MAX. ENAMETOOLONG. */
#define LIMIT_NAME_BYTES 255u
/* Linux follows as many. ELOOP. */
#define LIMIT_SYMLINKS 40u
/* Linux's /proc/sys/fs/mount-max. ENOSPC. */
#define LIMIT_MOUNTS 100000u
/* Linux's UIO_MAXIOV. EINVAL. */
#define LIMIT_IOVECS 1024u
/* Linux's MAX_RW_COUNT: more is cut, not refused. */
#define LIMIT_TRANSFER_BYTES 0x7ffff000ul
/* Linux's MAX_ARG_STRLEN. E2BIG. */
#define LIMIT_ARG_BYTES 131072u
/* Linux's NGROUPS_MAX. EINVAL. */
#define LIMIT_GROUPS 65536u
/* The command line with fw_cfg's words appended; longer is cut at a word, with a log line. */
#define LIMIT_CMDLINE_BYTES 4096u
/* Records that the audit ring holds before the oldest is overwritten and counted as lost. */
#define LIMIT_AUDIT_RECORDS 512u
/* Interrupt vectors for devices: what is left of 256 after exceptions, int 0x80 and local ones. */
#define LIMIT_IRQ_VECTORS 128u
/* Linux's kernel.pty.max: a name each in /dev/pts. ENOSPC. */
#define LIMIT_PTYS 4096u
