/* SPDX-License-Identifier: BSD-2-Clause */
/* Range locks against a model that keeps every byte, and what is left of them. */
#include "kernel/lib/string.h"

#include "fs/file_lock.h"
#include "kernel/core/epoch.h"
#include "mm/inject.h"
#include "mm/slab.h"
#include "selftest/fs/fixture.h"

#define BYTES  24u
#define OWNERS 3u

/* Byte by byte and owner by owner: 0 free, 1 read, 2 write. */
static uint8_t model[OWNERS][BYTES];
static struct file_table *tables[OWNERS];
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static bool model_allows(unsigned owner, const struct lock_span *span)
{
	for (unsigned other = 0; other < OWNERS; other++)
		for (uint64_t i = span->start; other != owner && i < span->end && i < BYTES; i++)
			if (model[other][i] == 2 || (span->write && model[other][i]))
				return false;
	return true;
}

static void model_set(unsigned owner, const struct lock_request *request)
{
	uint8_t kind = request->unlock ? 0 : request->span.write ? 2 : 1;

	for (uint64_t i = request->span.start; i < request->span.end && i < BYTES; i++)
		model[owner][i] = kind;
}

/* Nobody has anything locked. */
static bool is_free(struct file *file)
{
	struct lock_request request = {
		.kind = FILE_LOCK_OPEN_FILE, .file = file, .span = {0, LOCK_END_OF_FILE, true}};

	return !file_lock_test(&request, &(struct lock_span){}, &(uint32_t){0});
}

/* What each owner sees of each byte. */
static bool equals_model(struct file *file)
{
	for (unsigned owner = 0; owner < OWNERS; owner++) {
		for (uint64_t i = 0; i < BYTES; i++) {
			struct lock_request request = {.kind = FILE_LOCK_PROCESS,
						       .file = file,
						       .table = tables[owner],
						       .span = {i, i + 1, true}};
			struct lock_span span;
			uint32_t pid;
			bool busy = file_lock_test(&request, &span, &pid);

			if (busy == model_allows(owner, &request.span))
				return false;
			if (busy && (span.start > i || span.end <= i || pid == owner + 1))
				return false;
		}
	}
	return true;
}

static struct lock_request draw_request(struct file *file, unsigned owner)
{
	uint64_t start = draw(BYTES);
	uint64_t end = start + 1 + draw(BYTES - (uint32_t)start);

	return (struct lock_request){.kind = FILE_LOCK_PROCESS,
				     .file = file,
				     .table = tables[owner],
				     .pid = owner + 1,
				     .span = {start, draw(8) ? end : LOCK_END_OF_FILE, draw(2)},
				     .unlock = !draw(3)};
}

static bool make_tables(void)
{
	for (unsigned i = 0; i < OWNERS; i++) {
		tables[i] = file_table_create();
		CHECK(tables[i]);
	}
	return true;
}

static void drop_tables(void)
{
	for (unsigned i = 0; i < OWNERS; i++)
		file_table_put(tables[i]);
}

SELFTEST(M12, 4, range_locks_equal_the_model)
{
	struct fs_fixture fixture;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64) && make_tables());
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	memset(model, 0, sizeof(model));
	random_state = 1;
	for (unsigned round = selftest_scaled(400); round--;) {
		unsigned owner = draw(OWNERS);
		struct lock_request request = draw_request(file, owner);
		bool allowed = request.unlock || model_allows(owner, &request.span);

		CHECK(file_lock(&request) == (allowed ? OK : ERR_AGAIN));
		if (allowed)
			model_set(owner, &request);
		CHECK(equals_model(file));
		/* Now and then somebody closes a descriptor of the file. */
		if (!draw(40)) {
			file_lock_closed(tables[owner], file);
			memset(model[owner], 0, BYTES);
		}
	}
	/* The tables end with locks in them. */
	drop_tables();
	memset(model, 0, sizeof(model));
	CHECK(is_free(file));
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

/* Many ranges: each is found without looking at the others. */
SELFTEST(M12, 4, many_ranges_are_found_fast)
{
	struct fs_fixture fixture;
	struct lock_request request;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64) && make_tables());
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	for (uint64_t i = 0; i < 500; i++) {
		request = (struct lock_request){.kind = FILE_LOCK_PROCESS,
						.file = file,
						.table = tables[i % OWNERS],
						.span = {3 * i, 3 * i + 2, i & 1}};
		CHECK(file_lock(&request) == OK);
	}
	request.table = tables[0];
	request.span = (struct lock_span){3 * 499 + 2, LOCK_END_OF_FILE, true};
	CHECK(file_lock(&request) == OK);
	request.span.start = 3 * 499 + 1;
	CHECK(file_lock(&request) == ERR_AGAIN);
	request.span = (struct lock_span){0, 2, false};
	request.table = tables[2];
	CHECK(file_lock(&request) == OK);
	drop_tables();
	CHECK(is_free(file));
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}

SELFTEST(M9, 13, failures_in_locks, .needs = M12)
{
	struct fs_fixture fixture;
	bool fired = true;
	struct file *file;

	CHECK(fixture_begin(&fixture, 64));
	CHECK(fixture_open(&fixture, "f", O_CREAT | O_RDWR, &file) == OK);
	for (unsigned n = 1; fired; n++) {
		struct lock_request request = {
			.kind = FILE_LOCK_PROCESS, .file = file, .span = {0, 10, true}};
		enum err error;

		request.table = file_table_create();
		CHECK(request.table);
		inject_arm(n);
		error = file_lock(&request);
		fired = inject_fired();
		inject_arm(0);
		CHECK(error == (fired ? ERR_NOMEM : OK) || error == OK);
		CHECK(is_free(file) == (error != OK));
		file_table_put(request.table);
		CHECK(is_free(file));
	}
	file_put(file);
	CHECK(fixture_unlink(&fixture, "f") == OK);
	CHECK(fixture_end(&fixture));
	return true;
}
