/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of set*id calls over all states of the ids, capabilities, set-id programs. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct cap_data {
	unsigned effective, permitted, inheritable;
};

struct answer {
	long result;
	int error;
	unsigned real, effective, saved, files;
	struct cap_data caps[2];
	int dumpable;
};

static struct answer *answer; /* shared with the children */
static const int ids[] = {0, 1000, 2000};
static const int wanted[] = {-1, 0, 1000, 2000, 3000};
static const char letters[] = "-0abc";

static char letter(unsigned id)
{
	for (int i = 0; i < 5; i++)
		if ((unsigned)wanted[i] == id)
			return letters[i];
	return '?';
}

static void note(int groups, long result)
{
	unsigned header[2] = {0x20080522, 0};

	answer->error = errno;
	answer->result = result;
	syscall(groups ? SYS_getresgid : SYS_getresuid, &answer->real, &answer->effective,
		&answer->saved);
	answer->files = syscall(groups ? SYS_setfsgid : SYS_setfsuid, -1);
	syscall(SYS_capget, header, answer->caps);
	answer->dumpable = prctl(PR_GET_DUMPABLE);
}

/* selftest/sec/cred_test.c makes the same of its own answers at every boot. */
static unsigned long sum = 0xcbf29ce484222325;

static void add_to_sum(void)
{
	const unsigned values[] = {answer->result < 0 ? answer->error : 0,
				   answer->real,
				   answer->effective,
				   answer->saved,
				   answer->files,
				   answer->caps[0].permitted & 0xfff,
				   answer->caps[0].effective & 0xfff};

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		sum = (sum ^ values[i]) * 0x100000001b3;
}

static void show(const char *state, const char *name, int a, int b, int c)
{
	const struct cap_data *caps = answer->caps;

	printf("%s %s(%c%c%c) = %ld", state, name, letters[a], letters[b], letters[c],
	       answer->result < 0 ? (long)-answer->error : answer->result);
	printf(" %c%c%c%c %x.%x %x.%x %d\n", letter(answer->real), letter(answer->effective),
	       letter(answer->saved), letter(answer->files), caps[0].permitted & 0xfff,
	       caps[1].permitted & 0x1ff, caps[0].effective & 0xfff, caps[1].effective & 0x1ff,
	       answer->dumpable);
}

struct call {
	const char *name;
	int number, arguments, groups;
};

static const struct call calls[] = {
	{"setuid", SYS_setuid, 1, 0},       {"setreuid", SYS_setreuid, 2, 0},
	{"setresuid", SYS_setresuid, 3, 0}, {"setfsuid", SYS_setfsuid, 1, 0},
	{"setgid", SYS_setgid, 1, 1},       {"setregid", SYS_setregid, 2, 1},
	{"setresgid", SYS_setresgid, 3, 1}, {"setfsgid", SYS_setfsgid, 1, 1},
};

/* One call from one state, in a child: what was given up does not come back. */
static void try(const int state[3], const struct call *call, int a, int b, int c)
{
	char text[] = {letter(state[0]), letter(state[1]), letter(state[2]), 0};

	if (!fork()) {
		if (call->groups) {
			syscall(SYS_setresgid, state[0], state[1], state[2]);
			/* Without root's rights, as a user. */
			syscall(SYS_setresuid, 1000, 1000, 1000);
		} else {
			syscall(SYS_setresuid, state[0], state[1], state[2]);
		}
		errno = 0;
		note(call->groups, syscall(call->number, wanted[a], wanted[b], wanted[c]));
		_exit(0);
	}
	wait(NULL);
	if (!call->groups)
		add_to_sum();
	show(text, call->name, a, b, c);
}

static void all_arguments(const int state[3], const struct call *call)
{
	/* Of three arguments only some: the table is long enough. */
	for (int a = 0; a < 5; a++)
		for (int b = 0; b < (call->arguments > 1 ? 5 : 1); b++)
			for (int c = 0; c < (call->arguments > 2 ? 5 : 1); c++)
				if (call->arguments < 3 || (a + b + c) % 3 == 0)
					try(state, call, a, b, c);
}

static void transitions(void)
{
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		for (int s = 0; s < 27; s++) {
			int state[] = {ids[s / 9], ids[s / 3 % 3], ids[s % 3]};

			all_arguments(state, &calls[i]);
		}
}

static int rule;

static void say(const char *what, long result)
{
	printf("%d %s: %ld %s\n", ++rule, what, result, result < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static long cap_set(unsigned effective, unsigned permitted, unsigned inheritable)
{
	unsigned header[2] = {0x20080522, 0};
	struct cap_data data[2] = {{effective, permitted, inheritable}};

	return syscall(SYS_capset, header, data);
}

static void show_caps(const char *what)
{
	unsigned header[2] = {0x20080522, 0};
	struct cap_data data[2];

	syscall(SYS_capget, header, data);
	printf("%d %s: p %x e %x i %x\n", ++rule, what, data[0].permitted & 0xfffff,
	       data[0].effective & 0xfffff, data[0].inheritable & 0xfffff);
	fflush(stdout);
}

/* Each in a child of its own. */
static void in_child(void (*act)(void))
{
	int base = rule, status;

	fflush(stdout);
	if (!fork()) {
		act();
		_exit(rule - base);
	}
	wait(&status);
	rule += WEXITSTATUS(status);
}

static void versions(void)
{
	unsigned header[2] = {1, 0};
	struct cap_data data[2];

	say("unknown version", syscall(SYS_capget, header, data));
	printf("%d ours: %x\n", ++rule, header[0]);
	header[0] = 1;
	say("without data", syscall(SYS_capget, header, NULL));
	header[0] = 0x19980330;
	say("the oldest", syscall(SYS_capget, header, data));
	header[1] = -1;
	say("negative pid", syscall(SYS_capget, header, data));
	header[1] = 1 << 22;
	say("nobody's pid", syscall(SYS_capget, header, data));
	header[1] = getppid();
	say("another one's", syscall(SYS_capget, header, data));
	say("cannot be set", syscall(SYS_capset, header, data));
}

static void dropping(void)
{
	say("drop some", cap_set(0x0ff, 0xfff, 0x100));
	show_caps("what is left");
	say("raise within the permitted", cap_set(0xfff, 0xfff, 0));
	say("effective beyond permitted", cap_set(0xfff, 0x0ff, 0));
	say("drop more", cap_set(0x00f, 0x00f, 0));
	say("take one back", cap_set(0x01f, 0x01f, 0));
	say("inherit more", cap_set(0x00f, 0x00f, 0x10));
	say("chown stays", chown("/tmp", 0, 0));
	say("setuid is gone", setuid(1000));
	say("chroot is gone", chroot("/"));
	say("setgroups is gone", setgroups(0, NULL));
	say("drop all", cap_set(0, 0, 0));
	say("root's file is root's", chmod("/tmp", 01777));
	say("chown is gone", chown("/tmp", 1, 1));
}

static void no_override(void)
{
	int fd = open("/tmp/creds.secret", O_CREAT | O_WRONLY, 0000);

	close(fd);
	say("root reads anything", open("/tmp/creds.secret", O_RDONLY) < 0 ? -1 : 0);
	cap_set(4, 4, 0);
	say("with DAC_READ_SEARCH too", open("/tmp/creds.secret", O_RDONLY) < 0 ? -1 : 0);
	say("but does not write", open("/tmp/creds.secret", O_WRONLY) < 0 ? -1 : 0);
	cap_set(0, 0, 0);
	say("without any not", open("/tmp/creds.secret", O_RDONLY) < 0 ? -1 : 0);
	unlink("/tmp/creds.secret");
}

static void keeping(void)
{
	say("keep caps", prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
	say("kept", prctl(PR_GET_KEEPCAPS));
	say("wrong value", prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0));
	say("secure bits", prctl(PR_GET_SECUREBITS));
	say("leave root", setresuid(1000, 1000, 1000));
	show_caps("permitted stays");
	say("and may be used", cap_set(0xff, 0xff, 0));
	say("to come back", setuid(0));
	show_caps("as root");
}

static void bounding(void)
{
	say("in the set", prctl(PR_CAPBSET_READ, 5));
	say("the last", prctl(PR_CAPBSET_READ, 40));
	say("beyond", prctl(PR_CAPBSET_READ, 64));
	say("drop", prctl(PR_CAPBSET_DROP, 5));
	say("gone", prctl(PR_CAPBSET_READ, 5));
	show_caps("permitted stays till exec");
	say("drop beyond", prctl(PR_CAPBSET_DROP, 64));
	setresuid(1000, 1000, 1000);
	say("a user may not", prctl(PR_CAPBSET_DROP, 6));
	say("nor secure bits", prctl(PR_SET_SECUREBITS, 0));
	say("ambient: none", prctl(PR_CAP_AMBIENT, 1, 5, 0, 0));
	say("ambient: not raised", prctl(PR_CAP_AMBIENT, 2, 5, 0, 0));
	say("ambient: cleared", prctl(PR_CAP_AMBIENT, 4, 0, 0, 0));
}

/* The program itself, run again by a copy of it with set-id bits. */
static void after_exec(const char *what)
{
	unsigned r, e, s, gr, ge, gs;

	getresuid(&r, &e, &s);
	getresgid(&gr, &ge, &gs);
	printf("%s: uids %u %u %u gids %u %u %u secure %lu dumpable %d", what, r, e, s, gr, ge, gs,
	       getauxval(AT_SECURE), prctl(PR_GET_DUMPABLE));
	printf(" keep %d nnp %d\n", prctl(PR_GET_KEEPCAPS), prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	rule = 0;
	show_caps("caps");
}

static void copy_self(const char *to)
{
	char buffer[65536];
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_CREAT | O_TRUNC | O_WRONLY, 0755);
	ssize_t n;

	while ((n = read(in, buffer, sizeof(buffer))) > 0)
		write(out, buffer, n);
	close(in);
	close(out);
}

#define COPY "/tmp/creds.copy"

static void run_copy(const char *what, int uid, int no_new_privs)
{
	fflush(stdout);
	if (!fork()) {
		setgroups(0, NULL);
		setresgid(uid, uid, uid);
		setresuid(uid, uid, uid);
		if (no_new_privs)
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		execl(COPY, COPY, "exec", what, NULL);
		_exit(127);
	}
	wait(NULL);
}

static void modes(const char *name, int owner, int group, int mode)
{
	char what[64];

	chown(COPY, owner, group);
	chmod(COPY, mode);
	for (int uid = 0; uid <= 2000; uid += 1000) {
		snprintf(what, sizeof(what), "%s by %d", name, uid);
		run_copy(what, uid, 0);
	}
	snprintf(what, sizeof(what), "%s without new privileges", name);
	run_copy(what, 2000, 1);
}

static void set_id_programs(void)
{
	copy_self(COPY);
	modes("plain", 0, 0, 0755);
	modes("set-uid root", 0, 0, 04755);
	modes("set-uid user", 1000, 1000, 04755);
	modes("set-gid", 0, 1000, 02755);
	modes("set-gid without x", 0, 1000, 02745);
	modes("both", 1000, 1000, 06755);
	modes("unreadable", 0, 0, 0711);
	unlink(COPY);
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "exec")) {
		after_exec(argv[2]);
		return 0;
	}
	answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	setgroups(0, NULL);
	/* A child inherits what is buffered: written before. */
	fflush(stdout);
	transitions();
	printf("sum of the user ids' table: %lx\n", sum);
	fflush(stdout);
	in_child(versions);
	in_child(dropping);
	in_child(no_override);
	in_child(keeping);
	in_child(bounding);
	set_id_programs();
	return 0;
}
