/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that stand for nothing in what calls and handlers get. All must be zero: half an address is
 * one, and look_at() finds whole ones only. */
#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "leaks.h"

#define BUFFER 4096

static char out[BUFFER];

/* Of a structure, [start, end) of each hole. */
struct holes {
	const char *name;
	struct {
		size_t start, end;
	} hole[6];
};

static const struct holes holes_of_stat = {"padding of stat", {{36, 40}, {120, 144}}};
static const struct holes holes_of_statx = {
	"padding of statx", {{30, 32}, {76, 80}, {92, 96}, {108, 112}, {124, 128}, {152, 256}}};
static const struct holes holes_of_statfs = {"padding of statfs", {{88, 120}}};
static const struct holes holes_of_sysinfo = {"padding of sysinfo", {{82, 88}, {108, 112}}};
static const struct holes holes_of_stack = {"padding of sigaltstack", {{12, 16}}};
/* Behind the longest of the kinds, SIGCHLD's, which a program may queue by itself. */
static const struct holes holes_of_info = {"padding of siginfo", {{12, 16}, {48, 128}}};
/* Of a fault: an address, and nothing else. Of a child: a number of 32 bits, and no times here. */
static const struct holes holes_of_fault = {"padding of siginfo", {{12, 16}, {24, 128}}};
static const struct holes holes_of_child = {"padding of siginfo", {{12, 16}, {28, 128}}};

static void look_into(const struct holes *holes, const void *data)
{
	for (size_t i = 0; i < 6 && holes->hole[i].end; i++)
		must_be_zero(holes->name, (const char *)data + holes->hole[i].start,
			     holes->hole[i].end - holes->hole[i].start);
}

static void call(const struct holes *holes, long number, long a, long b, long c, long d, long e)
{
	memset(out, 0xa5, sizeof(out));
	if (syscall(number, a, b, c, d, e) >= 0)
		look_into(holes, out);
}

/* Both kinds of records: the name begins at @name, and the old kind's last byte is the type. */
static void records(const char *title, long number, const char *path, size_t name, size_t type)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	long got;

	while (fd >= 0 && (got = syscall(number, fd, out, BUFFER)) > 0) {
		for (long at = 0; at < got;) {
			size_t size = *(uint16_t *)(void *)(out + at + 16);
			size_t end = name + strlen(out + at + name);

			must_be_zero(title, out + at + end, size - type - end);
			at += (long)size;
		}
		memset(out, 0xa5, sizeof(out));
	}
	close(fd);
}

static void infos(void)
{
	uint64_t user1 = 1ull << (SIGUSR1 - 1);
	long none[2] = {0, 0};
	pid_t child = fork();

	if (child == 0)
		_exit(3);
	call(&holes_of_child, SYS_waitid, 1 /* P_PID */, child, (long)out, 4 /* WEXITED */, 0);
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &user1, NULL, 8);
	kill(getpid(), SIGUSR1);
	call(&holes_of_info, SYS_rt_sigtimedwait, (long)&user1, (long)out, (long)none, 8, 0);
	call(&holes_of_stack, SYS_sigaltstack, 0, (long)out, 0, 0, 0);
}

void look_at_siginfo(const void *info, bool is_fault)
{
	look_into(is_fault ? &holes_of_fault : &holes_of_info, info);
}

void look_at_padding(void)
{
	static const char *const names[] = {
		"/",    "/proc", "/proc/self", "/proc/self/fd", "/dev",
		"/sys", "/bin",  "/etc",       "/dev/null",     "/etc/passwd"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		long name = (long)names[i];

		records("padding of getdents64", SYS_getdents64, names[i], 19, 0);
		records("padding of getdents", SYS_getdents, names[i], 18, 1);
		call(&holes_of_stat, SYS_stat, name, (long)out, 0, 0, 0);
		call(&holes_of_statx, SYS_statx, AT_FDCWD, name, 0, 0xfff, (long)out);
		call(&holes_of_statfs, SYS_statfs, name, (long)out, 0, 0, 0);
	}
	call(&holes_of_sysinfo, SYS_sysinfo, (long)out, 0, 0, 0, 0);
	infos();
}
