/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that a signal interrupts: which go on, which end with EINTR, and what exec and fork keep.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>

#include "rules.h"

#define SOON_NS 30000000L

static volatile int calls;
static int ends[2];

static void count(int number)
{
	(void)number;
	calls++;
}

/* A child that signals this process when it sleeps, and later ends what it waits for. */
static void signal_soon(int flags, void (*then)(void))
{
	struct sigaction action = {.sa_handler = count, .sa_flags = flags};
	pid_t waiter = getpid();

	sigaction(SIGUSR1, &action, NULL);
	if (fork() == 0) {
		wait_until_asleep(waiter);
		kill(waiter, SIGUSR1);
		usleep(SOON_NS / 1000);
		if (then)
			then();
		_exit(0);
	}
}

static void write_a_byte(void)
{
	if (write(ends[1], "x", 1) != 1)
		say("not written");
}

static void read_much(void)
{
	static char room[100000];
	ssize_t all = 0;

	while (all < 100000)
		all += read(ends[0], room, sizeof(room));
}

RULE(read_without_restart)
{
	char byte;

	ask("pipe", pipe(ends));
	signal_soon(0, NULL);
	ask("read", read(ends[0], &byte, 1));
	say("calls=%d", calls);
}

RULE(read_with_restart)
{
	char byte;

	ask("pipe", pipe(ends));
	signal_soon(SA_RESTART, write_a_byte);
	ask("read", read(ends[0], &byte, 1));
	say("calls=%d", calls);
}

static char much[100000];

RULE(write_without_restart_is_partial)
{
	ask("pipe", pipe(ends));
	signal_soon(0, NULL);
	ask("write", write(ends[1], much, sizeof(much)));
	say("calls=%d", calls);
}

RULE(write_that_moved_nothing)
{
	ask("pipe", pipe(ends));
	ask("fill", write(ends[1], much, 65536));
	signal_soon(0, NULL);
	ask("write", write(ends[1], much, 10));
	say("calls=%d", calls);
}

RULE(write_with_restart_is_partial_too)
{
	ask("pipe", pipe(ends));
	signal_soon(SA_RESTART, read_much);
	ask("write", write(ends[1], much, sizeof(much)));
	say("calls=%d", calls);
	ask("rest", write(ends[1], much, 34464));
	wait(NULL);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(100000);
		_exit(3);
	}
	return pid;
}

RULE(wait_without_restart)
{
	pid_t pid = sleeper();

	signal_soon(0, NULL);
	ask("wait", waitpid(pid, NULL, 0));
	say("calls=%d", calls);
}

RULE(wait_with_restart)
{
	pid_t pid = sleeper();
	int status = 0;

	signal_soon(SA_RESTART, NULL);
	say("same=%d", waitpid(pid, &status, 0) == pid);
	say_status("child", status);
	say("calls=%d", calls);
}

static void open_writer(void)
{
	usleep(10000);
	close(open("fifo", O_WRONLY));
}

RULE(open_of_a_fifo_without_restart)
{
	ask("mkfifo", mkfifo("fifo", 0600));
	signal_soon(0, NULL);
	ask("open", open("fifo", O_RDONLY));
	say("calls=%d", calls);
}

RULE(open_of_a_fifo_with_restart)
{
	ask("mkfifo", mkfifo("fifo", 0600));
	signal_soon(SA_RESTART, open_writer);
	say("opened=%d", open("fifo", O_RDONLY) >= 0);
	say("calls=%d", calls);
}

RULE(poll_never_restarts)
{
	ask("pipe", pipe(ends));
	signal_soon(SA_RESTART, NULL);
	ask("poll", poll(&(struct pollfd){ends[0], POLLIN, 0}, 1, 5000));
	signal_soon(SA_RESTART, NULL);
	ask("forever", poll(NULL, 0, -1));
	say("calls=%d", calls);
}

RULE(select_never_restarts)
{
	struct timeval time = {5, 0};
	fd_set set;

	ask("pipe", pipe(ends));
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	signal_soon(SA_RESTART, NULL);
	ask("select", syscall(SYS_select, ends[0] + 1, &set, NULL, NULL, &time));
	say("left=%d calls=%d kept=%d", time.tv_sec >= 4, calls, FD_ISSET(ends[0], &set) != 0);
}

RULE(nanosleep_says_the_rest)
{
	struct timespec rest = {0, 0};

	signal_soon(SA_RESTART, NULL);
	ask("sleep", nanosleep(&(struct timespec){5, 0}, &rest));
	say("rest=%d calls=%d", rest.tv_sec >= 4, calls);
}

RULE(absolute_sleeps_write_no_rest)
{
	struct timespec rest = {77, 0}, when;

	clock_gettime(CLOCK_MONOTONIC, &when);
	when.tv_sec += 5;
	signal_soon(SA_RESTART, NULL);
	say("%d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, &rest));
	say("rest=%ld calls=%d", (long)rest.tv_sec, calls);
}

RULE(pause_never_restarts)
{
	signal_soon(SA_RESTART, NULL);
	ask("pause", pause());
	say("calls=%d", calls);
}

RULE(sigsuspend_swaps_the_mask)
{
	sigset_t block, none, after;

	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal_soon(SA_RESTART, NULL);
	ask("sigsuspend", sigsuspend(&none));
	sigprocmask(SIG_BLOCK, NULL, &after);
	say("calls=%d blocked=%d", calls, sigismember(&after, SIGUSR1));
}

RULE(ppoll_swaps_the_mask)
{
	sigset_t block, none, after;

	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal(SIGUSR1, count);
	raise(SIGUSR1);
	ask("ppoll", ppoll(NULL, 0, &(struct timespec){5, 0}, &none));
	sigprocmask(SIG_BLOCK, NULL, &after);
	say("calls=%d blocked=%d", calls, sigismember(&after, SIGUSR1));
}

RULE(pselect_swaps_the_mask)
{
	sigset_t block, none;

	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal(SIGUSR1, count);
	raise(SIGUSR1);
	ask("pselect", pselect(0, NULL, NULL, NULL, &(struct timespec){5, 0}, &none));
	say("calls=%d", calls);
}

RULE(sigtimedwait_is_interrupted_by_others)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_soon(SA_RESTART, NULL);
	ask("wait", syscall(SYS_rt_sigtimedwait, &set, NULL, &(struct timespec){5, 0}, 8));
	say("calls=%d", calls);
	ask("poll", sigtimedwait(&set, NULL, &(struct timespec){0, 0}));
	ask("nsec", sigtimedwait(&set, NULL, &(struct timespec){0, 1000000000}));
	raise(SIGUSR2);
	ask("there", sigtimedwait(&set, NULL, &(struct timespec){0, 0}));
}

/* One whose default is to do nothing does not even interrupt. */
static void send_winch(void)
{
	kill(getppid(), SIGWINCH);
	usleep(20000);
	write_a_byte();
}

RULE(a_signal_without_effect_interrupts_nothing)
{
	char byte;

	ask("pipe", pipe(ends));
	signal_soon(SA_RESTART, send_winch);
	ask("read", read(ends[0], &byte, 1));
}

static void winch_late(void)
{
	pid_t waiter = getppid();

	wait_until_asleep(waiter);
	kill(waiter, SIGWINCH);
	_exit(0);
}

RULE(a_sleep_goes_on_after_one)
{
	if (fork() == 0)
		winch_late();
	ask("sleep", nanosleep(&(struct timespec){0, 2 * SOON_NS}, NULL));
	if (fork() == 0)
		winch_late();
	ask("poll", poll(NULL, 0, 60));
}

RULE(sleep_arguments)
{
	struct timespec rest;

	ask("nsec", nanosleep(&(struct timespec){0, 1000000000}, &rest));
	ask("negative", nanosleep(&(struct timespec){-1, 0}, &rest));
	ask("pointer", syscall(SYS_nanosleep, 8L, NULL));
	say("clock=%d", clock_nanosleep(99, 0, &(struct timespec){0, 0}, &rest));
	say("own cpu=%d", clock_nanosleep(3, 0, &(struct timespec){0, 0}, &rest));
}

RULE(fork_clears_what_is_pending)
{
	sigset_t set, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	if (fork() == 0) {
		sigpending(&pending);
		sigprocmask(SIG_BLOCK, NULL, &set);
		say("pending=%d blocked=%d", sigismember(&pending, SIGUSR1),
		    sigismember(&set, SIGUSR1));
		_exit(0);
	}
	wait(NULL);
}

RULE(alarms_survive_exec_not_fork)
{
	int status;

	alarm(100);
	if (fork() == 0) {
		say("child=%u", alarm(0));
		_exit(0);
	}
	wait(NULL);
	say("here=%d", alarm(0) > 90);
	if (fork() == 0) {
		setitimer(ITIMER_REAL, &(struct itimerval){.it_value.tv_usec = 50000}, NULL);
		execl("/bin/busybox", "sleep", "5", NULL);
	}
	wait(&status);
	say_status("exec", status);
}

RULE(exec_keeps_mask_pending_and_ignored)
{
	sigset_t set;
	int status;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (fork() == 0) {
		signal(SIGUSR2, SIG_IGN);
		signal(SIGHUP, count);
		sigprocmask(SIG_BLOCK, &set, NULL);
		raise(SIGUSR1);
		dup2(open("out", O_WRONLY | O_CREAT, 0600), 1);
		execl("/bin/busybox", "grep", "-E", "^Sig(Pnd|Blk|Ign|Cgt)|^ShdPnd",
		      "/proc/self/status", NULL);
		_exit(9);
	}
	wait(&status);
	say_status("grep", status);
	char text[512] = "";
	ask("read", read(open("out", O_RDONLY), text, sizeof(text) - 1) > 0);
	for (char *word = strtok(text, "\t\n "); word; word = strtok(NULL, "\t\n "))
		say("%s", word);
}
