/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The simulated machine, for scenarios. */
#include "kernel/sched/thread.h"
#include "tests/interleave/engine.h"
