/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"

#include "sec/cred.h"
#include "selftest/program.h"
#include "selftest/selftest.h"

static bool ids_are(const struct cred *cred, uint32_t uid, uint32_t euid, uint32_t suid)
{
	return cred->uid == uid && cred->euid == euid && cred->suid == suid && cred->fsuid == euid;
}

/* Every way a user without privilege may try to become somebody: its own three ids and no other. */
SELFTEST(M12, 1, user_ids_never_grow)
{
	struct cred *user;
	struct cred *next = NULL;

	CHECK(cred_setresuid(cred_root(), 10, 20, 30, &user) == OK && ids_are(user, 10, 20, 30));
	for (uint32_t id = 0; id < 40; id++) {
		bool own = id == 10 || id == 20 || id == 30;
		enum err expected = own ? OK : ERR_PERM;

		CHECK(cred_setresuid(user, id, id, id, &next) == expected);
		if (own)
			cred_put(next);
		CHECK(cred_setresgid(user, id, id, id, &next) == (id == 0 ? OK : ERR_PERM));
		if (id == 0)
			cred_put(next);
		CHECK(cred_setuid(user, id, &next) == (id == 10 || id == 30 ? OK : ERR_PERM));
		if (id == 10 || id == 30) {
			CHECK(ids_are(next, 10, id, 30));
			cred_put(next);
		}
		CHECK(cred_setreuid(user, id, CRED_NO_ID, &next) ==
		      (id == 10 || id == 20 ? OK : ERR_PERM));
		if (id == 10 || id == 20)
			cred_put(next);
	}
	CHECK(cred_setuid(user, CRED_NO_ID, &next) == ERR_INVAL);
	cred_put(user);
	return true;
}

/* Root gives its rights away with setuid, and nothing brings them back. */
SELFTEST(M12, 1, root_is_left_for_good)
{
	struct cred *user;
	struct cred *next = NULL;

	CHECK(cred_setuid(cred_root(), 1000, &user) == OK && ids_are(user, 1000, 1000, 1000));
	CHECK(cred_setuid(user, 0, &next) == ERR_PERM);
	CHECK(cred_setreuid(user, CRED_NO_ID, 0, &next) == ERR_PERM);
	CHECK(cred_setresuid(user, CRED_NO_ID, CRED_NO_ID, 0, &next) == ERR_PERM);
	CHECK(!next && !cred_is_privileged(user) && !cred_is_fs_root(user));
	cred_put(user);
	/* The effective id alone may return to the saved one. */
	CHECK(cred_setresuid(cred_root(), CRED_NO_ID, 1000, CRED_NO_ID, &user) == OK);
	CHECK(cred_setuid(user, 0, &next) == OK && ids_are(next, 0, 0, 0));
	cred_put(next);
	cred_put(user);
	return true;
}

/* What tests/programs/creds.c prints on Linux, of the same calls in the same order. */
#define LINUX_SUM 0xa70f5c6166dabbafu

static const uint32_t states[] = {0, 1000, 2000};
static const uint32_t wanted[] = {CRED_NO_ID, 0, 1000, 2000, 3000};
static uint64_t sum;

static void add_to_sum(enum err error, const struct cred *cred)
{
	const uint64_t values[] = {(uint64_t)-error,
				   cred->uid,
				   cred->euid,
				   cred->suid,
				   cred->fsuid,
				   cred->caps.permitted & 0xfff,
				   cred->caps.effective & 0xfff};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		sum = (sum ^ values[i]) * 0x100000001b3;
}

/* The @call-th of setuid, setreuid, setresuid, setfsuid. */
static enum err transition(const struct cred *from, unsigned call, const uint32_t id[3],
			   struct cred **out)
{
	switch (call) {
	case 0:
		return cred_setuid(from, id[0], out);
	case 1:
		return cred_setreuid(from, id[0], id[1], out);
	case 2:
		return cred_setresuid(from, id[0], id[1], id[2], out);
	default:
		return cred_setfsuid(from, id[0], out);
	}
}

/* A number as three digits to the base 5, as far as the call has arguments. */
static bool arguments(unsigned call, unsigned number, uint32_t id[3])
{
	static const unsigned counts[] = {1, 2, 3, 1};
	const unsigned digits[] = {number / 25, number / 5 % 5, number % 5};

	for (unsigned i = 0; i < 3; i++) {
		if (i >= counts[call] && digits[i])
			return false;
		id[i] = wanted[digits[i]];
	}
	return counts[call] < 3 || (digits[0] + digits[1] + digits[2]) % 3 == 0;
}

static bool try_state(const struct cred *from, unsigned call)
{
	for (unsigned number = 0; number < 125; number++) {
		struct cred *cred = NULL;
		uint32_t id[3];
		enum err error;

		if (!arguments(call, number, id))
			continue;
		error = transition(from, call, id, &cred);
		add_to_sum(error, cred ? cred : from);
		cred_put(cred);
	}
	return true;
}

SELFTEST(M13, 3, table_of_user_ids_equals_linux)
{
	sum = 0xcbf29ce484222325;
	for (unsigned call = 0; call < 4; call++) {
		for (unsigned state = 0; state < 27; state++) {
			struct cred *from;

			CHECK(cred_setresuid(cred_root(), states[state / 9], states[state / 3 % 3],
					     states[state % 3], &from) == OK);
			CHECK(try_state(from, call));
			cred_put(from);
		}
	}
	CHECK(sum == LINUX_SUM);
	return true;
}

SELFTEST(M13, 3, capabilities_only_shrink)
{
	struct capabilities caps = {.permitted = 0xff, .effective = 0x0f, .bounding = CAP_ALL};
	struct cred *some;
	struct cred *next = NULL;

	CHECK(cred_set_capabilities(cred_root(), &caps, &some) == OK);
	CHECK(cred_can(some, CAP_FOWNER) && !cred_can(some, CAP_SETUID));
	CHECK(cred_setuid(some, 5, &next) == ERR_PERM && !cred_is_privileged(some));
	caps.effective = 0x1ff;
	CHECK(cred_set_capabilities(some, &caps, &next) == ERR_PERM);
	caps.permitted = 0x1ff;
	CHECK(cred_set_capabilities(some, &caps, &next) == ERR_PERM);
	caps.permitted = caps.effective = 0xff;
	CHECK(cred_set_capabilities(some, &caps, &next) == OK && cred_can(next, CAP_SETUID));
	/* A root user's exec gives all again, but not what the bounding set lacks, nor if it may
	 * not gain. */
	next->caps.bounding = 0x3;
	cred_capabilities_for_exec(next, true);
	CHECK(next->caps.effective == 0x3);
	next->caps.bounding = CAP_ALL;
	cred_capabilities_for_exec(next, false);
	CHECK(next->caps.effective == 0x3);
	cred_put(next);
	cred_put(some);
	return true;
}

SELFTEST(M13, 3, others_are_out_of_reach)
{
	CHECK_PROGRAM("other_users");
	return true;
}
