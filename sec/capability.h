/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * Linux's capabilities (capabilities(7)): root's rights one by one, so that a program of root's can
 * give some of them away. They follow the user ids as there.
 */
#include "kernel/lib/types.h"

#define CAP_CHOWN           0u
#define CAP_DAC_OVERRIDE    1u
#define CAP_DAC_READ_SEARCH 2u
#define CAP_FOWNER          3u
#define CAP_FSETID          4u
#define CAP_KILL            5u
#define CAP_SETGID          6u
#define CAP_SETUID          7u
#define CAP_SETPCAP         8u
#define CAP_LINUX_IMMUTABLE 9u
#define CAP_IPC_LOCK        14u
#define CAP_SYS_CHROOT      18u
#define CAP_SYS_PTRACE      19u
#define CAP_SYS_ADMIN       21u
#define CAP_SYS_BOOT        22u
#define CAP_SYS_RESOURCE    24u
#define CAP_SYS_TIME        25u
#define CAP_SYS_TTY_CONFIG  26u
#define CAP_MKNOD           27u
#define CAP_MAC_OVERRIDE    32u
#define CAP_SYSLOG          34u
#define CAP_LAST            40u

#define CAP_BIT(cap) (1ull << (cap))
#define CAP_ALL      (CAP_BIT(CAP_LAST + 1) - 1)

struct capabilities {
	uint64_t permitted;   /* may be made effective */
	uint64_t effective;   /* count now */
	uint64_t inheritable; /* kept over exec by what root runs */
	uint64_t bounding;    /* no exec gives more */
	bool keep;            /* permitted ones outlive the change to another user id */
};
