/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Page faults on user addresses. trap_page_fault() of kernel/x86/trap_hooks.h is defined here. */
#include "kernel/lib/types.h"

struct space;

/* Access bits: those of the CPU's error code (SDM vol 3, 4.7). */
#define FAULT_PRESENT 0x1u
#define FAULT_WRITE   0x2u
#define FAULT_USER    0x4u
#define FAULT_EXEC    0x10u

enum fault_result {
	FAULT_OK,
	FAULT_MAPERR, /* no area: SIGSEGV, SEGV_MAPERR */
	FAULT_ACCERR, /* the area forbids it: SIGSEGV, SEGV_ACCERR */
	FAULT_BUS,    /* beyond the object's end: SIGBUS, BUS_ADRERR */
	FAULT_OOM,    /* no frame, and the current process was chosen or nobody could be */
};

/** Bring the page at @addr in for @access; the space must not be locked by the caller. */
enum fault_result fault_resolve(struct space *space, uint64_t addr, uint32_t access);

/** Why the last user fault on this CPU was not resolved: for the signal that follows. */
enum fault_result fault_last_result(void);
