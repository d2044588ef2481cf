/* SPDX-License-Identifier: BSD-2-Clause */
#include "sec/cred.h"
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
