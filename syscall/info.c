/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system says of itself. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/random.h"
#include "kernel/sched/load.h"
#include "mm/frame.h"
#include "mm/usercopy.h"
#include "proc/uts.h"
#include "sec/cred.h"
#include "syscall/user.h"

struct user_utsname {
	char fields[6][UTS_FIELD_BYTES];
};
static_assert(sizeof(struct user_utsname) == 390, "uname(2)");

int64_t sys_uname(struct trapframe *frame)
{
	struct user_utsname name = {{UTS_SYSTEM, "", UTS_RELEASE, UTS_VERSION, UTS_MACHINE, ""}};

	uts_get(UTS_HOST, name.fields[1]);
	uts_get(UTS_DOMAIN, name.fields[5]);
	return copy_to_user(arg_uaddr(frame, 0), &name, sizeof(name));
}

static int64_t set_name(struct trapframe *frame, enum uts_name which)
{
	char name[UTS_FIELD_BYTES] = "";
	int32_t len = arg_int(frame, 1);
	enum err err;

	if (!cred_can(cred_current(), CAP_SYS_ADMIN))
		return ERR_PERM;
	if (len < 0 || len >= (int32_t)UTS_FIELD_BYTES)
		return ERR_INVAL;
	err = copy_from_user(name, arg_uaddr(frame, 0), (size_t)len);
	if (err == OK)
		uts_set(which, name);
	return err;
}

int64_t sys_sethostname(struct trapframe *frame)
{
	return set_name(frame, UTS_HOST);
}

int64_t sys_setdomainname(struct trapframe *frame)
{
	return set_name(frame, UTS_DOMAIN);
}

struct user_sysinfo {
	uint64_t uptime, loads[3], total, free, shared, buffer, swap_total, swap_free;
	uint16_t processes, pad;
	uint32_t pad2;
	uint64_t high_total, high_free;
	uint32_t unit;
	uint32_t pad3;
};
static_assert(sizeof(struct user_sysinfo) == 112, "sysinfo(2)");

#define SYSINFO_LOAD_SHIFT 16u

int64_t sys_sysinfo(struct trapframe *frame)
{
	struct user_sysinfo info = {.uptime = time_now_ns() / NS_PER_S,
				    .total = frame_total_count() * PAGE_SIZE,
				    .free = frame_free_count() * PAGE_SIZE,
				    .shared = frame_type_count(FRAME_CACHE) * PAGE_SIZE,
				    .processes = (uint16_t)MIN(tasks_alive(), UINT16_MAX),
				    .unit = 1};

	load_read(info.loads);
	for (unsigned term = 0; term < LOAD_TERMS; term++)
		info.loads[term] <<= SYSINFO_LOAD_SHIFT - LOAD_SHIFT;
	return copy_to_user(arg_uaddr(frame, 0), &info, sizeof(info));
}

#define GRND_FLAGS   7u
#define GRND_SOURCES 6u /* GRND_RANDOM and GRND_INSECURE: one of them */
#define RANDOM_CHUNK 256u

int64_t sys_getrandom(struct trapframe *frame)
{
	struct uaddr to = arg_uaddr(frame, 0);
	uint64_t left = MIN(arg(frame, 1), 0x1ffffffull), done = 0;
	uint8_t chunk[RANDOM_CHUNK];

	if (arg_u32(frame, 2) & ~GRND_FLAGS || (arg_u32(frame, 2) & GRND_SOURCES) == GRND_SOURCES)
		return ERR_INVAL;
	if (!random_seeded())
		return ERR_AGAIN;
	while (done < left) {
		size_t step = MIN(left - done, RANDOM_CHUNK);

		random_bytes(chunk, step);
		size_t missed = copy_to_user_partial((struct uaddr){to.raw + done}, chunk, step);

		done += step - missed;
		if (missed)
			break;
		preempt_point();
		if (thread_work() & WAIT_INTERRUPTIBLE)
			break;
	}
	memzero_secret(chunk, sizeof(chunk));
	return done || !left ? (int64_t)done : ERR_FAULT;
}

int64_t sys_getcpu(struct trapframe *frame)
{
	enum err err = OK;

	if (arg(frame, 0))
		err = put_user_u32(arg_uaddr(frame, 0), cpu_id());
	if (err == OK && arg(frame, 1))
		err = put_user_u32(arg_uaddr(frame, 1), 0);
	return err;
}
