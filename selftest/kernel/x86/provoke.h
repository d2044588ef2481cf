/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* provoke.asm: each raises the exception of its name, reported at NAME_at. */
#define PROVOKE(name)         \
	void name(void *arg); \
	extern char name##_at[]

PROVOKE(provoke_de);
PROVOKE(provoke_db);
PROVOKE(provoke_bp);
PROVOKE(provoke_nmi);
PROVOKE(provoke_ud);
PROVOKE(provoke_nm);
PROVOKE(provoke_gp);
PROVOKE(provoke_gp_selector);
PROVOKE(provoke_ss);
PROVOKE(provoke_np);
PROVOKE(provoke_df);
