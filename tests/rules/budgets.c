/* SPDX-License-Identifier: BSD-2-Clause */
/* SCHED_DEADLINE: which budgets there can be, whose, and what they go together with. */
#include <sys/resource.h>
#include <sys/wait.h>

#include "classes.h"

RULE(budgets_that_do_not_fit_together)
{
	ask("none", budget(0, 0, 0));
	ask("no deadline", budget(MS, 0, 0));
	ask("no runtime", budget(0, 10 * MS, 10 * MS));
	ask("too small", budget(1023, 100000, 100000));
	ask("just enough", budget(1024, 100000, 100000));
	ask("more than the deadline", budget(11 * MS, 10 * MS, 20 * MS));
	ask("deadline behind the period", budget(MS, 20 * MS, 10 * MS));
	ask("deadline before the period", budget(MS, 5 * MS, 10 * MS));
	say_attr("now");
	ask("no period", budget(MS, 10 * MS, 0));
	say_attr("now");
	ask("short period", budget(1024, 99999, 99999));
	ask("shortest", budget(1024, 100000, 100000));
	ask("longest", budget(900 * MS, 4194304000ull, 4194304000ull));
	ask("longer", budget(900 * MS, 4194304001ull, 4194304001ull));
	ask("negative", budget(900 * MS, 1ull << 63, 1ull << 63));
	ask("without attributes", policy_set(0, DEADLINE, 0));
	ask("parameters of it", param_set(0));
	ask("back", policy_set(0, SCHED_OTHER, 0));
	say_attr("now");
}

RULE(budgets_and_priorities)
{
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .priority = 1,
			    .runtime = MS,
			    .deadline = 10 * MS,
			    .period = 10 * MS};

	ask("with a priority", attr_set(&attr));
	attr.priority = 0;
	attr.nice = 7;
	ask("with a nice value", attr_set(&attr));
	say_attr("now");
	ask("its own nice", setpriority(PRIO_PROCESS, 0, 5));
	say("nice=%d", getpriority(PRIO_PROCESS, 0));
	say_attr("now");
	say_param();
	ask("to fifo", set(FIFO, 3, 0));
	say_attr("now");
	ask("to other", policy_set(0, SCHED_OTHER, 0));
	say_attr("now");
}

RULE(budgets_have_no_children)
{
	pid_t pid;

	ask("set", budget(MS, 10 * MS, 10 * MS));
	pid = fork();
	if (pid == 0)
		_exit(0);
	ask("fork", pid);
	struct attr attr = {.size = 48,
			    .policy = DEADLINE,
			    .flags = RESET_FLAG,
			    .runtime = MS,
			    .deadline = 10 * MS,
			    .period = 10 * MS};

	ask("with reset", attr_set(&attr));
	pid = fork();
	if (pid == 0) {
		say_attr("child");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say_attr("parent");
}

RULE(budgets_run_everywhere)
{
	cpu_set_t all, none;

	CPU_ZERO(&none);
	sched_getaffinity(0, sizeof(all), &all);
	ask("set", budget(MS, 10 * MS, 10 * MS));
	ask("the same", sched_setaffinity(0, sizeof(all), &all));
	ask("no CPU", sched_setaffinity(0, sizeof(none), &none));
	ask("yield", sched_yield());
	say_attr("now");
}
