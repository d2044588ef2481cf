/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: made, executed, reaped. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "user/bench/bench.h"

/* This much private memory, every page written, no huge pages. */
long setup_touched(long len)
{
	long addr = sys_mmap((size_t)len, PROT_READ | PROT_WRITE);
	TRY(addr);
	st.page = (uint8_t *)addr;
	st.len = (size_t)len;
	sys3(SYS_madvise, addr, len, MADV_NOHUGEPAGE);
	for (long at = 0; at < len; at += PAGE)
		st.page[at] = 1;
	return 0;
}

long reap(long pid)
{
	int status = 0;
	TRY(sys_wait(pid, &status, 0));
	if (WIFSIGNALED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

static int64_t run_fork(unsigned n)
{
	return TIMED(n, {
		long pid = sys_fork();
		TRY(pid);
		if (pid == 0)
			sys_exit(0);
		TRY(reap(pid));
	});
}

/* The child shares this stack, so it may not leave the assembly. */
static long vfork_exit(void)
{
	long pid;
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "mov %[exit], %%eax\n\t"
			 "xor %%edi, %%edi\n\t"
			 "syscall\n"
			 "1:"
			 : "=a"(pid)
			 : "0"((long)SYS_vfork), [exit] "i"(SYS_exit_group)
			 : "rdi", "rcx", "r11", "memory", "cc");
	return pid;
}

static int64_t run_vfork(unsigned n)
{
	return TIMED(n, {
		long pid = vfork_exit();
		TRY(pid);
		TRY(reap(pid));
	});
}

static long setup_tiny(long arg)
{
	(void)arg;
	st.exec_path = tiny_path;
	return 0;
}

static long setup_musl(long arg)
{
	(void)arg;
	st.exec_path = musl_path;
	return 0;
}

static int64_t run_fork_exec(unsigned n)
{
	const char *argv[] = {st.exec_path, NULL};
	const char *envp[] = {NULL};
	return TIMED(n, {
		long pid = sys_fork();
		TRY(pid);
		if (pid == 0)
			sys_exit((int)-sys3(SYS_execve, (long)argv[0], (long)argv, (long)envp));
		TRY(reap(pid));
	});
}

/* `count` children that wait for this process to leave. */
static long setup_live_children(long count)
{
	int hold[2];
	uint8_t byte;

	TRY(sys_pipe(hold));
	for (long i = 0; i < count; i++) {
		long pid = sys_fork();
		TRY(pid);
		if (pid == 0) {
			sys_close(hold[1]);
			sys_read(hold[0], &byte, 1);
			sys_exit(0);
		}
	}
	return 0;
}

const struct op process_ops[] = {
	OP(fork_exit_wait, fork),
	OP(fork_exit_wait_1MiB, fork, .setup = setup_touched, .arg = MIB),
	OP(fork_exit_wait_16MiB, fork, .setup = setup_touched, .arg = 16 * MIB),
	OP(fork_exit_wait_64MiB, fork, .setup = setup_touched, .arg = 64 * MIB),
	OP(vfork, vfork),
	OP(fork_exec_tiny_wait, fork_exec, .setup = setup_tiny),
	OP(fork_exec_musl, fork_exec, .setup = setup_musl),
	OP(proc_1000, fork, .setup = setup_live_children, .arg = 1000),
	OPS_END,
};
