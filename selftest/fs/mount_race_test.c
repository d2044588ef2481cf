/* SPDX-License-Identifier: BSD-2-Clause */
/* Unmounting while other CPUs use the mount. */
#include "kernel/core/epoch.h"
#include "kernel/x86/cpus.h"
#include "mm/slab.h"
#include "selftest/fs/mount_fixture.h"
#include "selftest/rest.h"
#include "selftest/workers.h"

#define UNMOUNTED 100u

/* Other tests' processes are gone, and what was retired when something else was freed. */
static uint64_t objects_at_rest(void)
{
	selftest_rest();
	while (epoch_pending())
		epoch_drain();
	slab_drain();
	return slab_used_count();
}

static bool begin(uint64_t *objects)
{
	struct mt_used unused;

	*objects = objects_at_rest();
	return mt_begin(&unused);
}

static bool end(uint64_t objects)
{
	CHECK(mt_unmount(PLACE, false) == OK && mt_rmdir(PLACE) == OK);
	CHECK(objects_at_rest() == objects);
	return true;
}

SELFTEST(M14, 21, busy_whichever_cpu_counts)
{
	struct mount *mount;
	struct file *file;
	uint64_t objects;

	CHECK(begin(&objects));
	CHECK(mt_open(PLACE "/d/f", O_RDONLY, &file) == OK);
	mount = file->path.mount;
	/* As if the file had gone to CPU 9, been opened once more on CPU 7, and closed on CPU 3. */
	CHECK(spread_add(&mount->count, 7, 1) && mt_unmount(PLACE, false) == ERR_BUSY);
	file_put(file);
	CHECK(mt_unmount(PLACE, false) == ERR_BUSY && mount->count.is_spread);
	CHECK(spread_add(&mount->count, 3, -1));
	CHECK(end(objects));
	return true;
}

static uint32_t holds; /* odd: the other CPU has a file open; 0: it is not there yet */
static bool is_over;
static unsigned wrong;

static void count_wrong(bool bad)
{
	if (bad)
		__atomic_add_fetch(&wrong, 1, __ATOMIC_RELAXED);
}

/* On the other CPU: the file is there, or nothing is mounted. */
static void open_and_close(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&is_over, __ATOMIC_ACQUIRE)) {
		struct file *file;
		enum err error = mt_open(PLACE "/d/f", O_RDONLY, &file);

		if (error) {
			count_wrong(error != ERR_NOENT);
			continue;
		}
		__atomic_add_fetch(&holds, 1, __ATOMIC_SEQ_CST);
		count_wrong(!file->path.mount->parent);
		__atomic_add_fetch(&holds, 1, __ATOMIC_SEQ_CST);
		file_put(file);
	}
}

static enum err mount_again(void)
{
	enum err error = mt_mount(PLACE, 0);

	if (!error)
		error = mt_mkdir(PLACE "/d");
	return error ? error : mt_mkfile(PLACE "/d/f");
}

/* Unmounted while one and the same open lasted: it was busy. Return: whether it is unmounted; if
 * not, the other CPU has gone on since. */
static bool unmount_beside(void)
{
	uint32_t held = __atomic_load_n(&holds, __ATOMIC_SEQ_CST);
	enum err error = mt_unmount(PLACE, false);

	count_wrong(error && error != ERR_BUSY);
	count_wrong(!error && (held & 1) && __atomic_load_n(&holds, __ATOMIC_SEQ_CST) == held);
	while (error && __atomic_load_n(&holds, __ATOMIC_ACQUIRE) == held)
		thread_yield();
	return !error;
}

SELFTEST(M14, 21, unmounting_beside_opens, .skip = "no-smp")
{
	struct workers workers;
	unsigned unmounted = 0;
	uint64_t objects;

	if (cpu_count() == 1)
		SELFTEST_SKIP();
	holds = wrong = 0;
	is_over = false;
	CHECK(begin(&objects));
	CHECK(workers_start_on(&workers, 1, open_and_close));
	workers_await(&holds, 1);
	while (unmounted < UNMOUNTED && !wrong) {
		if (unmount_beside()) {
			unmounted++;
			count_wrong(mount_again() != OK);
		}
		thread_yield();
	}
	__atomic_store_n(&is_over, true, __ATOMIC_RELEASE);
	workers_join(&workers);
	CHECK(!wrong);
	CHECK(end(objects));
	return true;
}
