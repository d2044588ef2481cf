/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Counts are exact when everybody else has done what there was to do. */
#include "kernel/lib/types.h"

/**
 * Let all others run until none of them wants the CPU, and give back what only caches hold. One
 * that never rests is no reason to wait for ever. Context: thread, nothing held.
 */
void selftest_rest(void);

/**
 * Let all others run until there are at most @processes left. Return: false when more stay.
 * Context: as above.
 */
bool selftest_rest_until(uint32_t processes);
