/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process sets about itself, and the machine's end. */
#include "kernel/lib/string.h"

#include "kernel/core/log.h"
#include "kernel/core/power.h"
#include "kernel/x86/switch.h"
#include "mm/usercopy.h"
#include "proc/heir.h"
#include "sec/cred.h"
#include "syscall/capability.h"
#include "syscall/user.h"

#define ARCH_SET_GS 0x1001u
#define ARCH_SET_FS 0x1002u
#define ARCH_GET_FS 0x1003u
#define ARCH_GET_GS 0x1004u

int64_t sys_arch_prctl(struct trapframe *frame)
{
	uint64_t value = arg(frame, 1);

	switch (arg_u32(frame, 0)) {
	case ARCH_SET_FS:
		if (value >= USER_END)
			return ERR_PERM;
		user_fs_base_set(value);
		return 0;
	case ARCH_SET_GS:
		if (value >= USER_END)
			return ERR_PERM;
		user_gs_base_set(value);
		return 0;
	case ARCH_GET_FS:
		return put_user_u64(arg_uaddr(frame, 1), user_fs_base());
	case ARCH_GET_GS:
		return put_user_u64(arg_uaddr(frame, 1), user_gs_base());
	default:
		return ERR_INVAL;
	}
}

int64_t sys_sched_yield(struct trapframe *frame)
{
	(void)frame;
	thread_yield();
	return 0;
}

#define PR_SET_PDEATHSIG       1u
#define PR_GET_PDEATHSIG       2u
#define PR_GET_DUMPABLE        3u
#define PR_SET_DUMPABLE        4u
#define PR_SET_NAME            15u
#define PR_GET_NAME            16u
#define PR_SET_CHILD_SUBREAPER 36u
#define PR_GET_CHILD_SUBREAPER 37u
#define PR_SET_NO_NEW_PRIVS    38u
#define PR_GET_NO_NEW_PRIVS    39u

static int64_t set_name(struct uaddr at)
{
	char name[THREAD_NAME_BYTES];
	int64_t len = string_from_user(name, at, sizeof(name));

	if (len == ERR_FAULT)
		return ERR_FAULT;
	name[sizeof(name) - 1] = 0;
	strlcpy(thread_self()->name, name, THREAD_NAME_BYTES);
	return 0;
}

static int64_t set_flag(uint32_t flag, bool on)
{
	struct process *me = process_current();

	lglock_lock(&process_lock);
	me->flags = on ? me->flags | flag : me->flags & ~flag;
	lglock_unlock(&process_lock);
	return 0;
}

/* What comes after the value, where Linux insists on it. */
static bool rest_is_zero(const struct trapframe *frame)
{
	return !arg(frame, 2) && !arg(frame, 3) && !arg(frame, 4);
}

int64_t sys_prctl(struct trapframe *frame)
{
	struct process *me = process_current();
	uint64_t value = arg(frame, 1);

	switch (arg_u32(frame, 0)) {
	case PR_SET_NAME:
		return set_name(arg_uaddr(frame, 1));
	case PR_GET_NAME:
		return copy_to_user(arg_uaddr(frame, 1), thread_self()->name, THREAD_NAME_BYTES);
	case PR_SET_PDEATHSIG:
		if (value > SIGNAL_COUNT)
			return ERR_INVAL;
		WRITE_ONCE(me->death_signal, value);
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user_u32(arg_uaddr(frame, 1), (uint32_t)me->death_signal);
	case PR_GET_DUMPABLE:
		return !(me->flags & PROCESS_NOT_DUMPABLE);
	case PR_SET_DUMPABLE:
		return value > 1 ? ERR_INVAL : set_flag(PROCESS_NOT_DUMPABLE, !value);
	case PR_SET_CHILD_SUBREAPER:
		subreaper_set(value);
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user_u32(arg_uaddr(frame, 1), !!(me->flags & PROCESS_SUBREAPER));
	case PR_SET_NO_NEW_PRIVS:
		return value == 1 && rest_is_zero(frame) ? set_flag(PROCESS_NO_NEW_PRIVS, true)
							 : ERR_INVAL;
	case PR_GET_NO_NEW_PRIVS:
		return !!(me->flags & PROCESS_NO_NEW_PRIVS);
	default:
		return capability_prctl(frame);
	}
}

#define PERSONALITY_QUERY 0xffffffffu
#define ADDR_NO_RANDOMIZE 0x0040000u

int64_t sys_personality(struct trapframe *frame)
{
	struct process *me = process_current();
	uint64_t old = me->personality;
	uint32_t want = arg_u32(frame, 0);

	if (want == PERSONALITY_QUERY)
		return (int64_t)old;
	if (want & ~ADDR_NO_RANDOMIZE)
		return ERR_INVAL;
	me->personality = want;
	return (int64_t)old;
}

#define REBOOT_MAGIC1    0xfee1deadu
#define REBOOT_RESTART   0x01234567u
#define REBOOT_HALT      0xcdef0123u
#define REBOOT_POWER_OFF 0x4321fedcu
#define REBOOT_CAD_ON    0x89abcdefu
#define REBOOT_CAD_OFF   0x00000000u

static bool reboot_magic2(uint32_t magic)
{
	return magic == 672274793u || magic == 85072278u || magic == 369367448u ||
	       magic == 537993216u;
}

int64_t sys_reboot(struct trapframe *frame)
{
	if (!cred_can(cred_current(), CAP_SYS_BOOT))
		return ERR_PERM;
	if (arg_u32(frame, 0) != REBOOT_MAGIC1 || !reboot_magic2(arg_u32(frame, 1)))
		return ERR_INVAL;
	switch (arg_u32(frame, 2)) {
	case REBOOT_RESTART:
		log_info("power", "reset");
		power_reset();
	case REBOOT_HALT:
		log_info("power", "halt");
		power_halt();
	case REBOOT_POWER_OFF:
		log_info("power", "power off");
		power_off();
	case REBOOT_CAD_ON:
	case REBOOT_CAD_OFF:
		return 0;
	default:
		return ERR_INVAL;
	}
}
