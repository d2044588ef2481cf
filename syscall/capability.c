/* SPDX-License-Identifier: BSD-2-Clause */
/* capget, capset and prctl's side of capabilities. */
#include "syscall/capability.h"

#include "mm/usercopy.h"
#include "sec/cred.h"

#define VERSION_1 0x19980330u /* 32 capabilities */
#define VERSION_2 0x20071026u
#define VERSION_3 0x20080522u

struct user_cap_header {
	uint32_t version;
	int32_t pid;
};

/* Once for each 32 capabilities. */
struct user_cap_data {
	uint32_t effective, permitted, inheritable;
};

/* How many data the program's version has; for an unknown one it is told ours, and 0. */
static enum err get_header(struct uaddr at, struct user_cap_header *header, size_t *count)
{
	enum err err = copy_from_user(header, at, sizeof(*header));

	if (err != OK)
		return err;
	*count = header->version == VERSION_1 ? 1 : 2;
	if (header->version == VERSION_1 || header->version == VERSION_2 ||
	    header->version == VERSION_3)
		return OK;
	*count = 0;
	return put_user_u32(at, VERSION_3);
}

static enum err read_capabilities(int32_t pid, struct capabilities *caps)
{
	struct process *process;
	enum err err = ERR_SRCH;

	if (pid < 0)
		return ERR_INVAL;
	if (!pid) {
		*caps = cred_current()->caps;
		return OK;
	}
	process = process_find_thread((uint32_t)pid);
	if (!process)
		return ERR_SRCH;
	lglock_lock(&process_lock);
	if (process->cred) {
		*caps = process->cred->caps;
		err = OK;
	}
	lglock_unlock(&process_lock);
	process_put(process);
	return err;
}

int64_t sys_capget(struct trapframe *frame)
{
	struct uaddr to = arg_uaddr(frame, 1);
	struct user_cap_data data[2];
	struct user_cap_header header;
	struct capabilities caps;
	size_t count;
	enum err err = get_header(arg_uaddr(frame, 0), &header, &count);

	if (err != OK)
		return err;
	/* Without data it is a question for the version. */
	if (!count)
		return to.raw ? ERR_INVAL : OK;
	if (!to.raw)
		return OK;
	err = read_capabilities(header.pid, &caps);
	if (err != OK)
		return err;
	for (unsigned i = 0; i < 2; i++)
		data[i] = (struct user_cap_data){(uint32_t)(caps.effective >> 32 * i),
						 (uint32_t)(caps.permitted >> 32 * i),
						 (uint32_t)(caps.inheritable >> 32 * i)};
	return copy_to_user(to, data, count * sizeof(data[0]));
}

static int64_t become(enum err err, struct cred *cred)
{
	return err == OK ? task_set_cred(cred) : err;
}

int64_t sys_capset(struct trapframe *frame)
{
	struct capabilities caps = cred_current()->caps;
	struct user_cap_data data[2] = {};
	struct user_cap_header header;
	struct cred *cred = NULL;
	size_t count;
	enum err err = get_header(arg_uaddr(frame, 0), &header, &count);

	if (err != OK)
		return err;
	if (!count)
		return ERR_INVAL;
	if (header.pid && (uint32_t)header.pid != task_current()->pid->number)
		return ERR_PERM;
	err = copy_from_user(data, arg_uaddr(frame, 1), count * sizeof(data[0]));
	if (err != OK)
		return err;
	caps.effective = (data[0].effective | (uint64_t)data[1].effective << 32) & CAP_ALL;
	caps.permitted = (data[0].permitted | (uint64_t)data[1].permitted << 32) & CAP_ALL;
	caps.inheritable = (data[0].inheritable | (uint64_t)data[1].inheritable << 32) & CAP_ALL;
	err = cred_set_capabilities(cred_current(), &caps, &cred);
	return become(err, cred);
}

static int64_t change(const struct capabilities *caps)
{
	struct cred *cred = cred_copy(cred_current());

	if (!cred)
		return ERR_NOMEM;
	cred->caps = *caps;
	return task_set_cred(cred);
}

static int64_t drop_bound(uint64_t capability)
{
	struct capabilities caps = cred_current()->caps;

	if (!cred_can(cred_current(), CAP_SETPCAP))
		return ERR_PERM;
	if (capability > CAP_LAST)
		return ERR_INVAL;
	caps.bounding &= ~CAP_BIT(capability);
	return change(&caps);
}

static int64_t set_keep(uint64_t value)
{
	struct capabilities caps = cred_current()->caps;

	if (value > 1)
		return ERR_INVAL;
	caps.keep = value;
	return change(&caps);
}

#define SECURE_KEEP_CAPS 0x10u

/* Of these bits only the one that PR_SET_KEEPCAPS sets means something here. */
static int64_t set_secure_bits(uint64_t bits)
{
	if (!cred_can(cred_current(), CAP_SETPCAP))
		return ERR_PERM;
	return bits & ~(uint64_t)SECURE_KEEP_CAPS ? ERR_INVAL : set_keep(bits == SECURE_KEEP_CAPS);
}

#define AMBIENT_IS_SET    1u
#define AMBIENT_RAISE     2u
#define AMBIENT_LOWER     3u
#define AMBIENT_CLEAR_ALL 4u

/* None is ever ambient: what a program without a set-id bit may do is its user's. */
static int64_t ambient(uint64_t operation, uint64_t capability)
{
	if (operation == AMBIENT_CLEAR_ALL)
		return capability ? ERR_INVAL : 0;
	if (capability > CAP_LAST)
		return ERR_INVAL;
	if (operation == AMBIENT_RAISE)
		return ERR_PERM;
	return operation == AMBIENT_IS_SET || operation == AMBIENT_LOWER ? 0 : ERR_INVAL;
}

int64_t capability_prctl(const struct trapframe *frame)
{
	const struct capabilities *caps = &cred_current()->caps;
	uint64_t value = arg(frame, 1);

	switch (arg_u32(frame, 0)) {
	case PR_GET_KEEPCAPS:
		return caps->keep;
	case PR_SET_KEEPCAPS:
		return set_keep(value);
	case PR_CAPBSET_READ:
		return value > CAP_LAST ? ERR_INVAL : (int64_t)(caps->bounding >> value & 1);
	case PR_CAPBSET_DROP:
		return drop_bound(value);
	case PR_GET_SECUREBITS:
		return caps->keep ? (int64_t)SECURE_KEEP_CAPS : 0;
	case PR_SET_SECUREBITS:
		return set_secure_bits(value);
	case PR_CAP_AMBIENT:
		return ambient(value, arg(frame, 2));
	default:
		return ERR_INVAL;
	}
}
