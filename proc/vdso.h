/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The vDSO in every program: one page of the kernel's clock, read-only, and above it the code of
 * user/vdso/ that reads it. All programs share the same frames.
 */
#include "kernel/lib/compiler.h"
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

struct space;

/** Make the pages and start to keep the clock in them. Context: boot, once. Return: OK, ERR_NOMEM.
 */
enum err vdso_init(void) __must_check;

/**
 * Map both into @space from @base on, VDSO_ROOM bytes of which are free. @ehdr: where the image
 * begins, for AT_SYSINFO_EHDR. Return: OK, or why space_map() did not.
 */
enum err vdso_map(struct space *space, uint64_t base, uint64_t *ehdr) __must_check;
