/* SPDX-License-Identifier: BSD-2-Clause */
/* From the number to the function. */
#include "kernel/lib/bits.h"
#include "kernel/lib/compiler.h"

#include "kernel/core/log.h"
#include "kernel/x86/trap_hooks.h"
#include "proc/process.h"
#include "syscall/syscalls.h"

/* Powers of two: an index is masked after its check, for what the CPU does ahead of it. */
#define LINUX_SLOTS  512u
#ifdef CONFIG_COVERAGE
#define NATIVE_SLOTS 8u
#else
#define NATIVE_SLOTS 4u
#endif

typedef int64_t syscall_fn(struct trapframe *frame);

static syscall_fn *const linux_calls[LINUX_SLOTS] = {
#define SYSCALL(nr, name, ...) [nr] = sys_##name,
#include "syscall/syscalls.def"
#undef SYSCALL
};

static syscall_fn *const native_calls[NATIVE_SLOTS] = {
#define SYSCALL(nr, name, ...) [(nr)-SYSCALL_NATIVE_FIRST] = sys_##name,
#include "syscall/native.def"
#undef SYSCALL
};

/* A number that is in both tables would be defined twice here. */
enum absent_check {
#define SYSCALL(nr, name, ...) ROW_##nr,
#define ABSENT(nr, name)       ROW_##nr,
#include "syscall/absent.def"
#include "syscall/syscalls.def"
#undef ABSENT
#undef SYSCALL
};

/* NOLINTNEXTLINE(readability-function-size): a table */
static const char *absent_name(uint64_t number)
{
	switch (number) {
#define ABSENT(nr, name) \
	case nr:         \
		return #name;
#include "syscall/absent.def"
#undef ABSENT
	default:
		return NULL;
	}
}

/* What a program asked for in vain is what users ask about first: said once for each name. */
static void log_absent(uint64_t number)
{
	static uint64_t said[LINUX_SLOTS / 64];
	const char *name = absent_name(number);
	uint64_t bit = 1ull << number % 64;

	/* A test tries them all; nobody asks about those. */
	if (process_current()->flags & PROCESS_TEST)
		return;
	if (name && !(__atomic_fetch_or(&said[number / 64], bit, __ATOMIC_RELAXED) & bit))
		log_warn("syscall", "%s asked for %s, which is not there", thread_self()->name,
			 name);
}

static int64_t call_native(struct trapframe *frame, uint64_t number)
{
	uint64_t index = number - SYSCALL_NATIVE_FIRST;

	if (index >= NATIVE_SLOTS)
		return ERR_NOSYS;
	index = HIDE_VALUE(index) & (NATIVE_SLOTS - 1);
	return native_calls[index] ? native_calls[index](frame) : ERR_NOSYS;
}

static __noinline int64_t call_other(struct trapframe *frame, uint64_t number)
{
	if (number < LINUX_SLOTS) {
		log_absent(number);
		return ERR_NOSYS;
	}
	return call_native(frame, number);
}

static int64_t call_linux(struct trapframe *frame)
{
	uint64_t number = frame->error;

	if (likely(number < LINUX_SLOTS)) {
		syscall_fn *call = linux_calls[HIDE_VALUE(number) & (LINUX_SLOTS - 1)];

		if (likely(call))
			return call(frame);
	}
	return call_other(frame, number);
}

void syscall_linux(struct trapframe *frame)
{
	int64_t result = call_linux(frame);

	frame->rax = (uint64_t)result;
	/* Whether it goes on is decided at the return to ring 3: make it look there. */
	if (unlikely(result <= ERR_RESTARTSYS && result >= ERR_RESTART_BLOCK))
		thread_interrupt(thread_self(), THREAD_SIGNAL);
}

void syscall_native_gate(struct trapframe *frame)
{
	frame->rax = (uint64_t)call_native(frame, frame->error);
}
