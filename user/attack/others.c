/* SPDX-License-Identifier: BSD-2-Clause */
/* What belongs to root and to others: files, pipes, processes, identities, the machine. */
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <termios.h>

#include "user/attack/attack.h"

#define FILES  "permissions"
#define OWNERS "owner only"
#define CAPS   "capability missing"
#define SENDER "sender's identity"
#define ABSENT "no such call"
#define NONE   "no such file"

static struct timeval epoch;
static struct rlimit limit;
static struct iovec piece;

/* name, expression, what must happen, protection, Linux (NULL: the same) */
#define CALLS(X)                                                                                  \
	X(read_shadow, open("/etc/shadow", O_RDONLY), "EACCES", FILES, NULL)                      \
	X(write_passwd, open("/etc/passwd", O_RDWR), "EACCES", FILES, NULL)                       \
	X(create_in_etc, open("/etc/new", O_CREAT | O_WRONLY, 0600), "EACCES", FILES, NULL)       \
	X(remove_from_etc, unlink("/etc/passwd"), "EACCES", FILES, NULL)                          \
	X(rename_bin, rename("/bin", "/tmp/bin"), "EACCES", FILES, NULL)                          \
	X(chmod_passwd, chmod("/etc/passwd", 0666), "EPERM", OWNERS, NULL)                        \
	X(chown_passwd, chown("/etc/passwd", getuid(), getgid()), "EPERM", CAPS, NULL)            \
	X(truncate_passwd, truncate("/etc/passwd", 0), "EACCES", FILES, NULL)                     \
	X(list_root, open("/root", O_RDONLY | O_DIRECTORY), "EACCES", FILES, NULL)                \
	X(hard_link, link("/etc/shadow", "/tmp/attack-link"), "EPERM", "links to own files only", \
	  "*")                                                                                    \
	X(dot_dot, open("/tmp/../../../etc/shadow", O_RDONLY), "EACCES", FILES, NULL)             \
	X(memory_device, open("/dev/mem", O_RDWR), "ENOENT", NONE, "*")                           \
	X(port_device, open("/dev/port", O_RDWR), "ENOENT", NONE, "*")                            \
	X(msr_device, open("/dev/cpu/0/msr", O_RDWR), "ENOENT", NONE, "*")                        \
	X(kcore, open("/proc/kcore", O_RDONLY), "ENOENT", NONE, "*")                              \
	X(kallsyms, open("/proc/kallsyms", O_RDONLY), "ENOENT", NONE, "*")                        \
	X(console, open("/dev/ttyS0", O_RDWR | O_NOCTTY), "EACCES", FILES, "*")                   \
	X(second_port, open("/dev/ttyS1", O_RDWR | O_NOCTTY), "E*", FILES, NULL)                  \
	X(make_device, mknod("/tmp/attack-mem", S_IFCHR | 0666, makedev(1, 1)), "EPERM", CAPS,    \
	  NULL)                                                                                   \
	X(maps_of_init, open("/proc/1/maps", O_RDONLY), "E*", OWNERS, NULL)                       \
	X(environ_of_init, open("/proc/1/environ", O_RDONLY), "E*", OWNERS, NULL)                 \
	X(memory_of_init, open("/proc/1/mem", O_RDWR), "E*", OWNERS, NULL)                        \
	X(files_of_init, open("/proc/1/fd", O_RDONLY | O_DIRECTORY), "EACCES", OWNERS, NULL)      \
	X(pipe_of_init, open("/proc/1/fd/0", O_RDWR), "EACCES", OWNERS, NULL)                     \
	X(root_of_init, open("/proc/1/root/etc/shadow", O_RDONLY), "EACCES", OWNERS, NULL)        \
	X(kill_init, kill(1, SIGKILL), "EPERM", SENDER, NULL)                                     \
	X(stop_init, kill(1, SIGSTOP), "EPERM", SENDER, NULL)                                     \
	X(queue_to_init, sigqueue(1, SIGUSR1, (union sigval){0}), "EPERM", SENDER, NULL)          \
	X(thread_kill_init, syscall(SYS_tgkill, 1, 1, SIGKILL), "EPERM", SENDER, NULL)            \
	X(trace_init, ptrace(PTRACE_ATTACH, 1, 0, 0), "ENOSYS", ABSENT, "E*")                     \
	X(read_of_init, process_vm_readv(1, &piece, 1, &piece, 1, 0), "ENOSYS", ABSENT, "*")      \
	X(limits_of_init, prlimit(1, RLIMIT_NOFILE, &limit, NULL), "EPERM", SENDER, NULL)         \
	X(nice_of_init, setpriority(PRIO_PROCESS, 1, 19), "EPERM", SENDER, NULL)                  \
	X(robust_list_of_init, syscall(SYS_get_robust_list, 1, &piece, &piece), "EPERM", SENDER,  \
	  NULL)                                                                                   \
	X(group_of_init, setpgid(1, 0), "ESRCH", "own children only", NULL)                       \
	X(become_root, setuid(0), "EPERM", CAPS, NULL)                                            \
	X(become_other, setresuid(2000, 2000, 2000), "EPERM", CAPS, NULL)                         \
	X(group_root, setgid(0), "EPERM", CAPS, NULL)                                             \
	X(groups, syscall(SYS_setgroups, 1, &(gid_t){0}), "EPERM", CAPS, NULL)                    \
	X(lower_nice, setpriority(PRIO_PROCESS, 0, -20), "EACCES", CAPS, NULL)                    \
	X(real_time, sched_setscheduler_raw(), "EPERM", CAPS, NULL)                               \
	X(raise_limit, setrlimit(RLIMIT_NOFILE, &(struct rlimit){1 << 30, 1 << 30}), "EPERM",     \
	  CAPS, NULL)                                                                             \
	X(mount, mount("none", "/tmp", "tmpfs", 0, NULL), "EPERM", CAPS, NULL)                    \
	X(unmount, umount2("/proc", MNT_DETACH), "EPERM", CAPS, NULL)                             \
	X(change_root, chroot("/tmp"), "EPERM", CAPS, NULL)                                       \
	X(swap_root, syscall(SYS_pivot_root, "/tmp", "/tmp"), "EPERM", CAPS, NULL)                \
	X(power_off, syscall(SYS_reboot, 0xfee1dead, 672274793, RB_POWER_OFF, 0), "EPERM", CAPS,  \
	  NULL)                                                                                   \
	X(host_name, sethostname("x", 1), "EPERM", CAPS, NULL)                                    \
	X(set_clock, settimeofday(&epoch, NULL), "EPERM", CAPS, NULL)                             \
	X(read_log, klogctl(3, NULL, 0), "EPERM", CAPS, "*")                                      \
	X(clear_log, klogctl(5, NULL, 0), "EPERM", CAPS, NULL)                                    \
	X(load_module, syscall(SYS_init_module, 0, 0, ""), "ENOSYS", ABSENT, "E*")                \
	X(kexec, syscall(SYS_kexec_load, 0, 0, 0, 0), "ENOSYS", ABSENT, "E*")                     \
	X(bpf, syscall(SYS_bpf, 0, 0, 0), "ENOSYS", ABSENT, "E*")                                 \
	X(perf, syscall(SYS_perf_event_open, 0, 0, 0, 0, 0), "ENOSYS", ABSENT, "E*")              \
	X(userfault, syscall(SYS_userfaultfd, 0), "ENOSYS", ABSENT, "*")                          \
	X(user_namespace, unshare(CLONE_NEWUSER), "E*", ABSENT, "*")                              \
	X(type_for_others, type_for_others(), "E*", "TIOCSTI is EIO", NULL)

static long sched_setscheduler_raw(void)
{
	return syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(int){99});
}

static long type_for_others(void)
{
	int fd = open("/dev/tty", O_RDWR);

	return fd < 0 ? -1 : ioctl(fd, TIOCSTI, "x");
}

#define FUNCTION(name, call, expect, by, linux_too) \
	static void try_##name(void)                \
	{                                           \
		saw_answer((long)(call));           \
	}
CALLS(FUNCTION)

/* A program that root owns and that the attacker gives the set-id bit of. */
static void set_id(void)
{
	int fd = open("/tmp/attack-setid", O_CREAT | O_WRONLY | O_TRUNC, 0755);
	bool is_set;
	struct stat info;

	if (fd < 0 || fchmod(fd, 04755) || write(fd, "x", 1) != 1 || fstat(fd, &info))
		saw_answer(-1);
	unlink("/tmp/attack-setid");
	is_set = info.st_mode & S_ISUID;
	saw(is_set ? "a write keeps the bit" : "a write takes the bit away");
}

#define ROW(name, call, expect, by, linux_too) \
	{"others/" #name, try_##name, expect, by, linux_too, false},

const struct attack others_attacks[] = {
	CALLS(ROW){"others/set_id_and_write", set_id, "a write takes the bit away", OWNERS, NULL,
		   false},
	ATTACKS_END,
};
