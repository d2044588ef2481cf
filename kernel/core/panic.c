/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/panic.h"

#include "kernel/lib/assert_hooks.h"
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"
#include "kernel/lib/string.h"

#include "kernel/core/audit_internal.h"
#include "kernel/core/backtrace.h"
#include "kernel/core/early_serial.h"
#include "kernel/core/kasan.h"
#include "kernel/core/ksyms.h"
#include "kernel/core/log.h"
#include "kernel/core/marker.h"
#include "kernel/core/panic_internal.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "kernel/x86/percpu.h"
#include "kernel/x86/trap.h"
#include "kernel/x86/trap_hooks.h"

#define PANIC_LOG_LINES 20u

/* 0 none, 1 reporting, 2 a second one inside the first. Counted, so that no third can loop. */
static uint32_t panic_depth;
static uint32_t panic_owner; /* 1 + the number of the CPU that reports */
static struct panic_section *panic_sections;
static panic_assert_hook_fn panic_assert_hook;
static void (*panic_write)(const char *text, size_t len) = early_serial_write;
static void (*panic_screen)(const char *text, size_t len) __ro_after_init;
/* Static: the stack may be what is broken. */
static char panic_reason[LOG_LINE_MAX];
static char panic_line[LOG_LINE_MAX];
static char panic_tail[PANIC_LOG_LINES * LOG_LINE_MAX];
static uint64_t panic_trace[BACKTRACE_MAX];

bool panic_in_progress(void)
{
	return READ_ONCE(panic_depth) != 0;
}

void panic_register(struct panic_section *section)
{
	section->next = panic_sections;
	panic_sections = section;
}

void panic_expect_assert(panic_assert_hook_fn hook)
{
	panic_assert_hook = hook;
}

void panic_show_on(void (*write)(const char *text, size_t len))
{
	panic_screen = write;
}

void panic_print(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t len = format_text_va(panic_line, sizeof(panic_line), format, args);
	va_end(args);
	panic_write(panic_line, MIN(len, sizeof(panic_line) - 1));
}

static void panic_print_address(uint64_t address)
{
	uint64_t offset;
	const char *name = ksyms_name(address, &offset);

	if (name)
		panic_print("  [%016lx] %s+0x%lx\n", address, name, offset);
	else
		panic_print("  [%016lx] ?\n", address);
}

static void panic_print_registers(const struct trapframe *f)
{
	panic_print("rip %016lx  rsp %016lx  rflags %lx  cs %lx  ss %lx\n", f->rip, f->rsp,
		    f->rflags, f->cs, f->ss);
	panic_print("rax %016lx  rbx %016lx  rcx %016lx  rdx %016lx\n", f->rax, f->rbx, f->rcx,
		    f->rdx);
	panic_print("rsi %016lx  rdi %016lx  rbp %016lx  r8  %016lx\n", f->rsi, f->rdi, f->rbp,
		    f->r8);
	panic_print("r9  %016lx  r10 %016lx  r11 %016lx  r12 %016lx\n", f->r9, f->r10, f->r11,
		    f->r12);
	panic_print("r13 %016lx  r14 %016lx  r15 %016lx\n", f->r13, f->r14, f->r15);
}

void panic_print_trace(uint64_t rip, uint64_t rbp)
{
	unsigned count = backtrace_collect(rbp, panic_trace, BACKTRACE_MAX);

	if (rip)
		panic_print_address(rip);
	/* A return address may be the first byte behind its function: look one byte before it. */
	for (unsigned i = 0; i < count; i++)
		panic_print_address(panic_trace[i] - 1);
}

static void panic_print_backtrace(const struct trapframe *frame)
{
	panic_print("backtrace:\n");
	if (frame)
		panic_print_trace(frame->rip, frame->rbp);
	else
		panic_print_trace(0, (uint64_t)__builtin_frame_address(0));
}

static void panic_print_log(void)
{
	size_t len = log_tail_unlocked(panic_tail, sizeof(panic_tail)), from = len;
	unsigned ends = 0;

	while (from && ends <= PANIC_LOG_LINES)
		ends += panic_tail[--from] == '\n';
	from += ends > PANIC_LOG_LINES; /* behind the end of the line before */
	panic_print("last log lines:\n");
	panic_write(panic_tail + from, len - from);
}

/* Of a panic that no trap began: where it stands, for who reads its stack in a debugger. */
static void panic_print_place(void)
{
	panic_print("rbp %016lx  rflags %lx\n", (uint64_t)__builtin_frame_address(0),
		    read_rflags());
}

static void panic_print_advice(void)
{
	panic_print("what next: keep this report, a photo will do; boot with \"selftest=only\" to "
		    "try the kernel on this machine; see \"When it panics\" in README.md\n");
}

static void panic_print_audit(void)
{
	struct audit_record record;

	panic_print("audit: %lu records, %lu lost\n", audit_head(), audit_lost());
	if (audit_peek_unlocked(&record))
		panic_print("  newest: pid %u, call %d, object %u:%lx, %s\n", record.subject,
			    (int)record.call, (unsigned)record.object.kind, record.object.id,
			    err_name(record.error));
}

static void panic_headline(void)
{
	panic_print("\nKERNEL PANIC on CPU %u: %s\n", cpu_self()->id, panic_reason);
}

static void panic_report(const struct trapframe *frame, bool with_log)
{
	const struct cpu *cpu = cpu_self();

	panic_headline();
	panic_print("cr0 %lx  cr2 %lx  cr3 %lx  cr4 %lx  locks %lx  irq depth %u\n", read_cr0(),
		    read_cr2(), read_cr3(), read_cr4(), cpu->held_locks, cpu->irq_depth);
	if (frame)
		panic_print_registers(frame);
	else
		panic_print_place();
	panic_print_backtrace(frame);
	if (with_log)
		panic_print_log();
	panic_print_audit();
	for (struct panic_section *section = panic_sections; section; section = section->next) {
		panic_print("%s:\n", section->title);
		section->print();
	}
	panic_print_advice();
	panic_print("halted\n");
}

/* The log stands on the screen already; what matters most must not have left it at the top. */
static void panic_report_on_screen(const struct trapframe *frame)
{
	if (!panic_screen)
		return;
	panic_write = panic_screen;
	panic_report(frame, false);
	panic_headline();
}

void panic_report_to(void (*write)(const char *text, size_t len), const struct trapframe *frame,
		     const char *reason)
{
	void (*usual)(const char *text, size_t len) = panic_write;

	panic_write = write;
	strlcpy(panic_reason, reason, sizeof(panic_reason));
	panic_report(frame, true);
	panic_write = usual;
}

/* One CPU reports; a second one's end is no panic inside the first. */
static void panic_take_over(void)
{
	uint32_t self = cpu_id() + 1, owner = 0;

	if (!__atomic_compare_exchange_n(&panic_owner, &owner, self, false, __ATOMIC_SEQ_CST,
					 __ATOMIC_SEQ_CST) &&
	    owner != self)
		cpu_stop();
}

static _Noreturn __printf(2, 0) void panic_enter(const struct trapframe *frame, const char *format,
						 va_list args)
{
	irq_disable();
	panic_take_over();
	switch (__atomic_fetch_add(&panic_depth, 1, __ATOMIC_SEQ_CST)) {
	case 0:
		cpus_stop_others();
		format_text_va(panic_reason, sizeof(panic_reason), format, args);
		panic_report(frame, true);
		marker_line("Bail out! panic: %s", panic_reason);
		panic_report_on_screen(frame);
		break;
	case 1:
		format_text_va(panic_line, sizeof(panic_line), format, args);
		early_serial_write("\npanic inside panic: ", 21);
		early_serial_write(panic_line, strnlen(panic_line, sizeof(panic_line)));
		early_serial_write("\nhalted\n", 8);
		marker_line("Bail out! panic: %s", panic_reason);
		break;
	default:
		break;
	}
	cpu_stop();
}

void panic(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_enter(NULL, format, args);
}

void panic_trap(const struct trapframe *frame, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	panic_enter(frame, format, args);
}

void panic_expected(const char *condition)
{
	if (panic_assert_hook)
		panic_assert_hook(condition);
}

void panic_assert(const char *condition, const char *first, const char *second)
{
	panic_expected(condition);
	panic("assertion failed: %s (%s, %s)", condition, first, second);
}

void assert_failed(const char *condition, const char *file, int line)
{
	panic_expected(condition);
	panic("assertion failed: %s at %s:%d", condition, file, line);
}

void trap_kernel_fatal(struct trapframe *frame, unsigned vector, uint64_t address)
{
	char detail[80];

	if (CONFIG_SAN && vector == TRAP_PF && shadow_holds(address))
		kasan_report_fault(frame, address);
	trap_describe_error(vector, frame->error, detail, sizeof(detail));
	if (vector == TRAP_PF)
		panic_trap(frame, "%s at %016lx: %s", trap_name(vector), address, detail);
	panic_trap(frame, "%s (%s), error %lx: %s", trap_name(vector), trap_mnemonic(vector),
		   frame->error, detail);
}

/* Called by the compiler's prologue checks. */
_Noreturn void __stack_chk_fail(void); /* NOLINT: the compiler's name */

_Noreturn __no_stack_protector void __stack_chk_fail(void)
{
	panic_assert("stack canary intact", "overrun", "kernel stack");
}
