/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes whose owner inherits: what becomes of them when owner or waiter ends. */
#include "inheriting.h"

/* --- owners that die --- */

static void takes_and_dies(struct worker *worker)
{
	(void)worker;
	futex(&word, FUTEX_LOCK_PI, 0, NULL);
	while (!other)
		usleep(1000);
}

RULE(pi_owner_dies)
{
	start(&workers[0], takes_and_dies, 0);
	while (!word)
		usleep(1000);
	start_asleep(&workers[1], visits, FUTEX_LOCK_PI);
	say_word("waited for", workers[0].number);
	other = 1;
	pthread_join(workers[1].thread, NULL);
	pthread_join(workers[0].thread, NULL);
	say_word("now", me());
}

RULE(pi_owner_dies_alone)
{
	other = 1;
	start(&workers[0], takes_and_dies, 0);
	pthread_join(workers[0].thread, NULL);
	say_word("now", workers[0].number);
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", workers[0].number);
}

/* struct robust_list_head, with one entry. */
struct robust {
	void *first;
	long offset;
	void *pending;
	void *entry;
	word_t at;
};

static void dies_robustly(struct worker *worker)
{
	static struct robust list;

	list.offset = (char *)&list.at - (char *)&list.entry;
	list.first = (char *)&list.entry + 1; /* it inherits */
	list.entry = &list;
	if (worker->op == 2)
		list.first = &list.entry; /* it says that it does not */
	if (worker->op == 3) {
		list.first = &list;
		list.pending = (char *)&list.entry + 1;
	}
	syscall(SYS_set_robust_list, &list, 24);
	/* The word stands elsewhere. */
	list.offset = (char *)&word - (char *)&list.entry;
	takes_and_dies(worker);
}

static void die_robustly(int how)
{
	start(&workers[0], dies_robustly, how);
	while (!word)
		usleep(1000);
	start_asleep(&workers[1], visits, FUTEX_LOCK_PI);
	other = 1;
	pthread_join(workers[1].thread, NULL);
	pthread_join(workers[0].thread, NULL);
	say_word("now", me());
}

RULE(pi_robust_owner_dies)
{
	die_robustly(1);
}

RULE(pi_robust_owner_dies_as_another_kind)
{
	die_robustly(2);
}

RULE(pi_robust_owner_dies_in_between)
{
	die_robustly(3);
}

RULE(pi_robust_owner_dies_alone)
{
	other = 1;
	start(&workers[0], dies_robustly, 1);
	pthread_join(workers[0].thread, NULL);
	say_word("now", workers[0].number);
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	say_word("now", me());
	ask("unlock", futex(&word, FUTEX_UNLOCK_PI, 0, NULL));
	say_word("now", me());
}

/* --- processes --- */

struct common {
	word_t word;
	volatile int go;
};

static struct common *share(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static pid_t child_waits(struct common *common)
{
	pid_t pid = fork();

	if (pid == 0) {
		ask("child", futex(&common->word, FUTEX_LOCK_PI, 0, NULL));
		say("mine=%d died=%d", (common->word & FUTEX_TID_MASK) == me(),
		    !!(common->word & FUTEX_OWNER_DIED));
		ask("unlock", futex(&common->word, FUTEX_UNLOCK_PI, 0, NULL));
		_exit(0);
	}
	wait_until_asleep(pid);
	return pid;
}

RULE(pi_between_processes)
{
	struct common *common = share();

	ask("lock", futex(&common->word, FUTEX_LOCK_PI, 0, NULL));
	pid_t pid = child_waits(common);

	long result = futex(&common->word, FUTEX_UNLOCK_PI, 0, NULL);

	waitpid(pid, NULL, 0);
	ask("unlock", result);
	say("word=%u", common->word);
}

static void killed_owner(int replaces_itself)
{
	struct common *common = share();
	pid_t owner = fork();

	if (owner == 0) {
		futex(&common->word, FUTEX_LOCK_PI, 0, NULL);
		common->go = 1;
		while (common->go == 1)
			usleep(1000);
		execl("/bin/busybox", "true", NULL);
		execl("/bin/true", "true", NULL);
	}
	while (!common->go)
		usleep(1000);
	pid_t waiter = child_waits(common);

	if (replaces_itself)
		common->go = 2;
	else
		kill(owner, SIGKILL);
	waitpid(waiter, NULL, 0);
	waitpid(owner, NULL, 0);
	say("word=%u", common->word);
}

RULE(pi_owner_is_killed)
{
	killed_owner(0);
}

RULE(pi_owner_becomes_another_program)
{
	killed_owner(1);
}

RULE(pi_waiter_is_killed)
{
	struct common *common = share();
	int status;

	ask("lock", futex(&common->word, FUTEX_LOCK_PI, 0, NULL));
	pid_t pid = child_waits(common);

	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	say_status("child", status);
	ask("unlock", futex(&common->word, FUTEX_UNLOCK_PI, 0, NULL));
	say("word=%u", common->word);
}

RULE(pi_zombies_own_nothing)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
	word = (uint32_t)pid;
	ask("lock", futex(&word, FUTEX_LOCK_PI, 0, NULL));
	waitpid(pid, &status, 0);
}
