/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What is done about the defects of this machine's CPUs (bugs.h decides), and what is on in truth.
 * The kernel is built with all of it and boot takes out what is not needed: what is forgotten
 * costs time, not safety.
 */
#include "kernel/lib/types.h"

#include "kernel/x86/bugs.h"

/* Decides for good, and rewrites the text where it says so. Context: boot, the first CPU alone,
 * behind x86_init_early(), before CR0 is pinned. */
void mitigate_init(const struct bug_words *words);
/* This CPU's registers. Context: the CPU itself, interrupts off. */
void mitigate_cpu(void);
/* What was decided, and for what: the bugs of the first CPU. */
const struct mitigations *mitigate_decided(void);
uint32_t mitigate_bugs(void);

/* IA32_SPEC_CTRL as it must be and as it is on this CPU; 0 where it has none. */
uint64_t spec_ctrl_wanted(void);
uint64_t spec_ctrl_now(void);
/* EFER.AIBRSE, or 0. */
uint64_t auto_ibrs_wanted(void);

/* Nothing that was learnt for another address space predicts a branch behind this. */
void mitigate_barrier(void);
/* mitigate_barrier() is wanted at changes of the address space. */
extern bool barrier_on;

/* What is on, read from this CPU's registers and the text itself, not from what was decided. */
enum branches mitigate_branches_now(void);
bool mitigate_fills_returns_now(void);
bool mitigate_clears_buffers_now(void);

/* One line, with its newline, as Linux says it in /sys/devices/system/cpu/vulnerabilities. */
#define MITIGATE_TEXT 96u
size_t mitigate_report(enum bug bug, char *text, size_t size);
/* The name of the file. */
const char *mitigate_file(enum bug bug);
