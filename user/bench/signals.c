/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals, sent and by faults. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "user/bench/bench.h"

static void on_signal(int number)
{
	st.sink = (uint8_t)number;
}

static void on_segv(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] += 3; /* past `movb $0, (%rdi)` */
}

static long setup_signal(long number)
{
	struct sigaction action = {.sa_handler = on_signal};

	st.processes = getpid();
	return sigaction((int)number, &action, NULL) ? -errno : 0;
}

static int64_t run_sig_install(unsigned n)
{
	struct {
		uint64_t handler, flags, restorer, mask;
	} action = {0}; /* SIG_DFL */
	return TIMED(n, TRY(sys6(SYS_rt_sigaction, SIGUSR2, (long)&action, 0, 8, 0, 0)));
}

static int64_t run_sig_deliver(unsigned n)
{
	return TIMED(n, TRY(sys3(SYS_kill, st.processes, SIGUSR1, 0)));
}

static long setup_segv(long arg)
{
	struct sigaction action = {.sa_sigaction = on_segv, .sa_flags = SA_SIGINFO};

	(void)arg;
	long addr = sys_mmap(PAGE, PROT_NONE);
	TRY(addr);
	st.page = (uint8_t *)addr;
	return sigaction(SIGSEGV, &action, NULL) ? -errno : 0;
}

static int64_t run_sig_segv(unsigned n)
{
	return TIMED(n, __asm__ volatile("movb $0, (%0)" : : "D"(st.page) : "memory"));
}

const struct op signal_ops[] = {
	OP(sig_install, sig_install),
	OP(sig_deliver_return, sig_deliver, .setup = setup_signal, .arg = SIGUSR1),
	OP(sig_segv_return, sig_segv, .setup = setup_segv),
	OPS_END,
};
