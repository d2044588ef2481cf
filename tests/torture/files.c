/* SPDX-License-Identifier: BSD-2-Clause */
/* Files: one's own, one that all append to, and a name that all rename over. */
#include "torture.h"

#include <fcntl.h>
#include <sys/stat.h>

#define RECORD 16
#define LOG    FOLDER "/log"
#define NAME   FOLDER "/name"

struct record {
	uint64_t worker, check;
};

static struct record record_of(int id)
{
	return (struct record){(uint64_t)id, ~(uint64_t)id * 31};
}

static int good(const struct record *record)
{
	struct record expected = record_of((int)record->worker);

	return record->worker < WORKERS && !memcmp(record, &expected, RECORD);
}

static void write_record(struct worker *worker, const char *path, int flags)
{
	struct record record = record_of(worker->id);
	int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

	CHECK(worker, file >= 0);
	CHECK(worker, write(file, &record, RECORD) == RECORD);
	CHECK(worker, close(file) == 0);
}

void files_begin(void)
{
	struct worker first = {.doing = "files_begin"};

	CHECK(&first, mkdir(FOLDER, 0755) == 0);
	write_record(&first, NAME, O_EXCL);
}

static void path_of(struct worker *worker, char path[64], const char *what)
{
	snprintf(path, 64, FOLDER "/%d.%s", worker->id, what);
}

void own_file(struct worker *worker)
{
	size_t bytes = 1 + draw(worker, 20000), at = draw(worker, bytes);
	char from[64], to[64], byte = (char)draw(worker, 256), seen;
	struct stat stat;
	int file;

	path_of(worker, from, "from");
	path_of(worker, to, "to");
	file = open(from, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	CHECK(worker, file >= 0);
	CHECK(worker, ftruncate(file, (off_t)bytes) == 0);
	CHECK(worker, pwrite(file, &byte, 1, (off_t)at) == 1);
	CHECK(worker, rename(from, to) == 0 && access(from, F_OK) == -1);
	CHECK(worker, lstat(to, &stat) == 0 && stat.st_size == (off_t)bytes);
	CHECK(worker, unlink(to) == 0);
	CHECK(worker, fstat(file, &stat) == 0 && stat.st_nlink == 0);
	CHECK(worker, pread(file, &seen, 1, (off_t)at) == 1 && seen == byte);
	CHECK(worker, close(file) == 0);
}

void append_record(struct worker *worker)
{
	write_record(worker, LOG, O_APPEND);
	all->appended[worker->id]++;
}

/* The name is always there, and always somebody's whole record. */
void rename_over(struct worker *worker)
{
	struct record record;
	char path[64];
	int file;

	path_of(worker, path, "new");
	write_record(worker, path, O_EXCL);
	CHECK(worker, rename(path, NAME) == 0);
	file = open(NAME, O_RDONLY | O_CLOEXEC);
	CHECK(worker, file >= 0);
	CHECK(worker, read(file, &record, RECORD) == RECORD && good(&record));
	CHECK(worker, close(file) == 0);
}

void many_descriptors(struct worker *worker)
{
	int files[16], count = 1 + (int)draw(worker, 16);
	struct record record;

	for (int i = 0; i < count; i++) {
		files[i] = i ? dup(files[i - 1]) : open(NAME, O_RDONLY | O_CLOEXEC);
		CHECK(worker, files[i] >= 0);
	}
	CHECK(worker, read(files[count - 1], &record, RECORD) == RECORD && good(&record));
	CHECK(worker, lseek(files[0], 0, SEEK_CUR) == RECORD);
	for (int i = 0; i < count; i++)
		CHECK(worker, close(files[i]) == 0);
}

static void check_log(struct worker *worker)
{
	uint64_t seen[WORKERS] = {0};
	FILE *log = fopen(LOG, "re");
	struct record record;

	while (log && fread(&record, RECORD, 1, log) == 1) {
		CHECK(worker, good(&record));
		seen[record.worker]++;
	}
	CHECK(worker, !memcmp(seen, all->appended, sizeof(seen)));
	if (log)
		fclose(log);
}

void files_end(struct worker *worker)
{
	check_log(worker);
	unlink(LOG);
	CHECK(worker, unlink(NAME) == 0);
	CHECK(worker, rmdir(FOLDER) == 0);
}
