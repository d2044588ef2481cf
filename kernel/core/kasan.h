/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * SAN builds: each access that the compiler has put a check before is held against the shadow
 * (kernel/x86/shadow.h). What may not be accessed is a panic that says what it was, whose, and by
 * which function.
 */
#include "kernel/lib/san.h"

#include "kernel/x86/shadow.h"

/** Check from now on: the shadow is mm's own. The redzones of globals are marked. Context: boot. */
void kasan_begin(void);
/** Whether accesses are checked: not before kasan_begin(), not while a panic is reported. */
bool kasan_is_on(void);

/** Report, from a place that has found out itself; @what as "double free". Does not come back. */
_Noreturn void kasan_report(const char *what, const void *at, const void *from);

struct trapframe;

/** The checks found no shadow for an address: @fault is where it would be. Does not come back. */
_Noreturn void kasan_report_fault(const struct trapframe *frame, uint64_t fault);

/** The global variable that @address lies in or behind, printed; false: none. Context: panic. */
bool kasan_describe_global(uint64_t address);
