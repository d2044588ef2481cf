/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Defined by mm/describe_san.c. */
#include "kernel/lib/types.h"

/** SAN builds: print what lies at an address of the kernel half. Context: panic. */
void san_describe(uint64_t address);
