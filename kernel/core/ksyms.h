/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Addresses to names, by the sorted table that the build puts behind the read-only data. */
#include "kernel/lib/types.h"

/**
 * The function that @address lies in.
 *
 * @offset: set to the bytes from its start.
 *
 * Return: its name, or NULL when no text of the kernel is there. Context: any; takes no lock.
 */
const char *ksyms_name(uint64_t address, uint64_t *offset);
