/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The boot word selftest=WORD[,WORD]: which milestones' tests run, and what follows. */
#include "kernel/lib/types.h"

struct selftest_selection {
	bool off;
	bool only;       /* end the machine after the seal */
	bool keep_going; /* selftest=continue: a failure does not stop the boot */
	unsigned first;  /* milestones first..last are selected */
	unsigned last;
	unsigned percent; /* selftest.scale */
};

/* Unknown words are ignored with everything selected: a typing error never skips a test. */
struct selftest_selection selftest_select(const char *cmdline);
