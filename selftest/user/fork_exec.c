/* SPDX-License-Identifier: BSD-2-Clause */
/* P-M8-02: rounds of fork, exec and exit; nothing of them stays. */
#include "selftest/user/service.h"

#define ROUNDS      20
#define SECOND_LIFE 7

static void one_round(void)
{
	int status = -1;
	long pid = sys_fork();

	if (pid == 0) {
		exec_path(OWN_PATH, "again");
		sys_exit(1);
	}
	CHECK(pid > 0 && sys_wait(pid, &status) == pid);
	CHECK(exit_code(status) == SECOND_LIFE);
}

void test_main(const uint64_t *stack)
{
	struct state before, after;

	if (stack[0] == 2)
		sys_exit(SECOND_LIFE);
	one_round();
	before = state_now();
	for (int round = 0; round < ROUNDS; round++)
		one_round();
	after = state_now();
	CHECK(same_state(&before, &after));
}
