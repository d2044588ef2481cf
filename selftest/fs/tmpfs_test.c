/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "mm/addr.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

static int64_t write_at(struct file *file, const void *bytes, size_t len, int64_t offset)
{
	struct io_iter iter;

	io_iter_init_kernel(&iter, (void *)(uintptr_t)bytes, len);
	return file_pwrite(file, &iter, offset);
}

SELFTEST(M12, 7, offsets_near_the_end)
{
	struct fs_fixture fixture;
	struct file *file;
	uint64_t pos;
	char byte = 1;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(write_at(file, "ab", 2, INT64_MAX) == ERR_FBIG);
	CHECK(write_at(file, "ab", 2, -1) == ERR_INVAL);
	CHECK(write_at(file, "ab", 2, INT64_MAX - 1) == 1);
	CHECK(inode_size(file->inode) == INT64_MAX);
	CHECK(file_read_kernel(file, &byte, 1, INT64_MAX - 1) == 1 && byte == 'a');
	CHECK(file_read_kernel(file, &byte, 1, INT64_MAX) == 0);
	CHECK(file_read_kernel(file, &byte, 1, UINT64_MAX) == ERR_INVAL);
	CHECK(file_read_kernel(file, &byte, 1, 12345) == 1 && byte == 0);
	CHECK(file_seek(file, 1, SEEK_END, &pos) == ERR_INVAL);
	CHECK(file_seek(file, -1, SEEK_SET, &pos) == ERR_INVAL);
	CHECK(file_seek(file, INT64_MIN, SEEK_CUR, &pos) == ERR_INVAL);
	CHECK(file_seek(file, 0, 9, &pos) == ERR_INVAL);
	CHECK(file_seek(file, 0, SEEK_END, &pos) == OK && pos == INT64_MAX);
	CHECK(file_truncate(file, cred_root(), -1) == ERR_INVAL);
	CHECK(file_allocate(file, 0, INT64_MAX, 1) == ERR_FBIG);
	CHECK(file_allocate(file, 0, 0, 0) == ERR_INVAL);
	CHECK(file_truncate(file, cred_root(), 0) == OK);
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 7, sparse_files)
{
	struct fs_fixture fixture;
	struct file *file;
	struct kstat stat;
	uint64_t pos;
	char bytes[4];

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(write_at(file, "data", 4, 10 * PAGE_SIZE) == 4);
	CHECK(fixture_stat(&fixture, "f", &stat) == OK);
	CHECK(stat.size == 10 * PAGE_SIZE + 4 && stat.blocks == PAGE_SIZE / 512);
	CHECK(file_seek(file, 0, SEEK_DATA, &pos) == OK && pos == 10 * PAGE_SIZE);
	CHECK(file_seek(file, 3, SEEK_HOLE, &pos) == OK && pos == 3);
	CHECK(file_seek(file, 10 * PAGE_SIZE, SEEK_HOLE, &pos) == OK && pos == stat.size);
	CHECK(file_seek(file, (int64_t)stat.size, SEEK_DATA, &pos) == ERR_NXIO);
	/* Cut inside the page and grown again: what was cut off is not there any more. */
	CHECK(file_truncate(file, cred_root(), 10 * PAGE_SIZE + 1) == OK);
	CHECK(file_truncate(file, cred_root(), 10 * PAGE_SIZE + 4) == OK);
	CHECK(file_read_kernel(file, bytes, 4, 10 * PAGE_SIZE) == 4);
	CHECK(!memcmp(bytes, "d\0\0\0", 4));
	CHECK(file_allocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 10 * PAGE_SIZE, 1) ==
	      OK);
	CHECK(file_read_kernel(file, bytes, 1, 10 * PAGE_SIZE) == 1 && bytes[0] == 0);
	CHECK(file_allocate(file, FALLOC_FL_PUNCH_HOLE, 0, 1) == ERR_OPNOTSUPP);
	CHECK(file_allocate(file, 0, 0, 3 * PAGE_SIZE) == OK);
	CHECK(fixture_stat(&fixture, "f", &stat) == OK && stat.size == 10 * PAGE_SIZE + 4);
	CHECK(stat.blocks >= 3 * PAGE_SIZE / 512);
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M12, 7, quota_ends_in_no_space)
{
	static char page[PAGE_SIZE];
	struct fs_fixture fixture;
	struct file *file;
	struct kstatfs statfs;
	int64_t done = 0;

	CHECK(fixture_begin(&fixture, 8));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	for (unsigned i = 0; i < 8; i++)
		CHECK(fixture_write(file, page, sizeof(page)) == (int64_t)PAGE_SIZE);
	done = fixture_write(file, page, sizeof(page));
	CHECK(done == ERR_NOSPC);
	CHECK(vfs_statfs(&file->path, &statfs) == OK);
	CHECK(statfs.blocks == 8 && statfs.blocks_free == 0);
	CHECK(file_allocate(file, 0, 0, 9 * PAGE_SIZE) == ERR_NOSPC);
	CHECK(file_truncate(file, cred_root(), PAGE_SIZE) == OK);
	CHECK(vfs_statfs(&file->path, &statfs) == OK && statfs.blocks_free == 7);
	CHECK(write_at(file, page, sizeof(page), PAGE_SIZE) == (int64_t)PAGE_SIZE);
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	/* The root and seven more: as many files as pages. */
	for (char name[2] = "a"; name[0] < 'h'; name[0]++)
		CHECK(fixture_file(&fixture, name, 0644) == OK);
	CHECK(fixture_file(&fixture, "h", 0644) == ERR_NOSPC);
	for (char name[2] = "a"; name[0] < 'h'; name[0]++)
		CHECK(fixture_unlink(&fixture, name) == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* A call is cut into steps inside; nothing of that is seen outside. */
SELFTEST(M12, 7, long_calls_are_whole)
{
	const size_t size = MIB(1);
	struct fs_fixture fixture;
	struct file *file;
	char *buffer = kmalloc(size);

	CHECK(buffer);
	for (size_t i = 0; i < size; i += 512)
		buffer[i] = (char)(i / 512 * 7);
	CHECK(fixture_begin(&fixture, 1024));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	CHECK(write_at(file, buffer, size - 100, 50) == (int64_t)(size - 100));
	CHECK(inode_size(file->inode) == size - 50);
	memset(buffer, 0, size);
	CHECK(file_read_kernel(file, buffer, size, 50) == (int64_t)(size - 100));
	for (size_t i = 0; i < size - 100; i += 512)
		CHECK(buffer[i] == (char)(i / 512 * 7));
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	kfree(buffer);
	return true;
}

SELFTEST(M12, 7, file_size_limit)
{
	struct fs_fixture fixture;
	struct io_iter iter;
	struct file *file;
	char bytes[16] = {};

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	io_iter_init_kernel(&iter, bytes, 16);
	CHECK(file_write_limited(file, &iter, 10) == 10 && file->position == 10);
	io_iter_init_kernel(&iter, bytes, 16);
	CHECK(file_write_limited(file, &iter, 10) == ERR_FBIG && file->position == 10);
	CHECK(file_pwrite_limited(file, &iter, 9, 10) == 1);
	io_iter_init_kernel(&iter, bytes, 16);
	CHECK(file_pwrite_limited(file, &iter, 0, FILE_NO_LIMIT) == 16);
	CHECK(file_set_flags(file, O_APPEND, O_APPEND) == OK);
	io_iter_init_kernel(&iter, bytes, 16);
	CHECK(file_pwrite_limited(file, &iter, 0, 10) == ERR_FBIG);
	CHECK(file_write_limited(file, &iter, 20) == 4 && file->position == 20);
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
