/* SPDX-License-Identifier: BSD-2-Clause */
#include "selftest/fs/fixture.h"

#define LIMIT 1024u

SELFTEST(M12, 6, numbers_that_name_nothing)
{
	static const int64_t bad[] = {-1,      -100,      5,         63,        64,
				      1 << 20, 1ll << 31, 1ll << 32, INT64_MAX, INT64_MIN};
	struct file_table *table;
	struct fs_fixture fixture;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	table = file_table_create();
	CHECK(table);
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(fd_install(table, file, 0, LIMIT, 0) == 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(!fd_get(table, bad[i]));
		CHECK(fd_close(table, bad[i]) == ERR_BADF);
		CHECK(fd_flags(table, bad[i]) == ERR_BADF);
		CHECK(fd_dup(table, bad[i], 0, LIMIT, 0) == ERR_BADF);
		CHECK(fd_dup_to(table, bad[i], 1, LIMIT, 0) == ERR_BADF);
	}
	CHECK(fd_dup_to(table, 0, -1, LIMIT, 0) == ERR_BADF);
	CHECK(fd_dup_to(table, 0, LIMIT, LIMIT, 0) == ERR_BADF);
	CHECK(fd_dup(table, 0, LIMIT, LIMIT, 0) == ERR_INVAL);
	CHECK(refcount_read(&file->object.count) == 1);
	CHECK(fd_close(table, 0) == OK && !fd_get(table, 0));
	CHECK(fd_close(table, 0) == ERR_BADF);
	file_table_put(table);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* A file that is in use stays, whatever becomes of its descriptor meanwhile. */
SELFTEST(M12, 6, use_outlives_close)
{
	struct file_table *table;
	struct fs_fixture fixture;
	struct file *file;
	struct file *used;

	CHECK(fixture_begin(&fixture, 64));
	table = file_table_create();
	CHECK(table);
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(fd_install(table, file, 0, LIMIT, 0) == 0);
	used = fd_get(table, 0);
	CHECK(used == file);
	CHECK(fd_close(table, 0) == OK);
	CHECK(refcount_read(&used->object.count) == 1);
	CHECK(fixture_write(used, "x", 1) == 1);
	file_put(used);
	file_table_put(table);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 6, lowest_number_limit_and_clone)
{
	struct file_table *table;
	struct file_table *clone;
	struct fs_fixture fixture;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	table = file_table_create();
	CHECK(table);
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(fd_install(table, file, 0, LIMIT, 0) == 0);
	for (int64_t fd = 1; fd < LIMIT; fd++)
		CHECK(fd_dup(table, 0, 0, LIMIT, fd % 2 ? FD_CLOEXEC : 0) == fd);
	CHECK(fd_dup(table, 0, 0, LIMIT, 0) == ERR_MFILE);
	CHECK(refcount_read(&file->object.count) == LIMIT);
	CHECK(fd_close(table, 700) == OK && fd_close(table, 64) == OK && fd_close(table, 3) == OK);
	CHECK(fd_dup(table, 0, 65, LIMIT, 0) == 700);
	CHECK(fd_dup(table, 0, 4, LIMIT, 0) == 64);
	CHECK(fd_dup(table, 0, 0, LIMIT, FD_CLOEXEC) == 3);
	clone = file_table_clone(table);
	CHECK(clone && refcount_read(&file->object.count) == 2 * LIMIT);
	fd_close_on_exec(clone);
	CHECK(fd_next(clone, 1) == 2 && fd_next(clone, LIMIT - 1) == -1);
	CHECK(fd_flags(table, 3) == FD_CLOEXEC && fd_flags(table, 2) == 0);
	fd_close_range(table, 1, UINT64_MAX);
	CHECK(fd_next(table, 1) == -1 && fd_next(table, 0) == 0);
	file_table_put(clone);
	CHECK(refcount_read(&file->object.count) == 1);
	CHECK(fd_dup_to(table, 0, 1000, LIMIT, 0) == 1000);
	file_table_put(table);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
