/* SPDX-License-Identifier: BSD-2-Clause */
/* Mappings made, changed and taken away: what one CPU did, the next must see at once. */
#include "torture.h"

#include <errno.h>
#include <fcntl.h>

#define SLOTS 4

/* A page that all threads of a process take in turns, and what it must hold. */
static struct slot {
	pthread_mutex_t lock;
	uint64_t *page;
	uint64_t holds;
	int writable;
} slots[SLOTS];

static int zeroes;

static uint64_t *new_page(void *at)
{
	return mmap(at, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED : 0), -1, 0);
}

void memory_begin(void)
{
	zeroes = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	for (int i = 0; i < SLOTS; i++) {
		pthread_mutex_init(&slots[i].lock, NULL);
		slots[i].page = new_page(NULL);
		slots[i].writable = 1;
	}
}

/* Whether the kernel may write there for us; if so the word is 0 afterwards. */
static int kernel_may_write(uint64_t *word)
{
	return read(zeroes, word, sizeof(*word)) == sizeof(*word);
}

static void change_slot(struct worker *worker, struct slot *slot)
{
	switch (draw(worker, 4)) {
	case 0:
		CHECK(worker, new_page(slot->page) == slot->page);
		slot->holds = 0;
		slot->writable = 1;
		break;
	case 1:
		slot->writable = !slot->writable;
		CHECK(worker, mprotect(slot->page, PAGE,
				       PROT_READ | (slot->writable ? PROT_WRITE : 0)) == 0);
		break;
	case 2:
		CHECK(worker, madvise(slot->page, PAGE, MADV_DONTNEED) == 0);
		slot->holds = 0;
		break;
	default:
		if (slot->writable)
			*slot->page = slot->holds = draw(worker, UINT64_MAX);
	}
}

/* A translation that some CPU still has would show the old page, or the old rights. */
void common_pages(struct worker *worker)
{
	struct slot *slot = &slots[draw(worker, SLOTS)];
	int turns = 1 + (int)draw(worker, 8);

	pthread_mutex_lock(&slot->lock);
	while (turns--) {
		CHECK(worker, *(volatile uint64_t *)slot->page == slot->holds);
		CHECK(worker, kernel_may_write(slot->page) == slot->writable);
		if (slot->writable)
			*slot->page = slot->holds;
		change_slot(worker, slot);
	}
	pthread_mutex_unlock(&slot->lock);
}

static void check_pages(struct worker *worker, const uint64_t *words, size_t pages, uint64_t tag)
{
	for (size_t i = 0; i < pages; i++)
		CHECK(worker, *(volatile const uint64_t *)&words[i * PAGE / 8] == tag + i);
}

void map_and_check(struct worker *worker)
{
	size_t pages = 1 + draw(worker, 32), cut = draw(worker, pages);
	uint64_t tag = draw(worker, UINT64_MAX);
	uint64_t *words = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(worker, words != MAP_FAILED);
	check_pages(worker, words, 1, 0);
	for (size_t i = 0; i < pages; i++)
		words[i * PAGE / 8] = tag + i;
	CHECK(worker, mprotect(words, pages * PAGE, PROT_READ) == 0);
	CHECK(worker, !kernel_may_write(&words[cut * PAGE / 8]) && errno == EFAULT);
	check_pages(worker, words, pages, tag);
	CHECK(worker, munmap((char *)words + cut * PAGE, (pages - cut) * PAGE) == 0);
	check_pages(worker, words, cut, tag);
	if (cut)
		CHECK(worker, munmap(words, cut * PAGE) == 0);
}

/* Parent and child both write: neither sees the other's. */
void copy_on_write(struct worker *worker)
{
	size_t pages = 1 + draw(worker, 16);
	uint64_t tag = draw(worker, UINT64_MAX / 2);
	uint64_t *words = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	CHECK(worker, words != MAP_FAILED);
	for (size_t i = 0; i < pages; i++)
		words[i * PAGE / 8] = tag + i;
	pid = fork();
	for (size_t i = 0; i < pages; i++) {
		CHECK(worker, words[i * PAGE / 8] == tag + i);
		words[i * PAGE / 8] += pid == 0 ? 1000 : 2000;
	}
	check_pages(worker, words, pages, tag + (pid == 0 ? 1000 : 2000));
	if (pid == 0)
		_exit(0);
	CHECK(worker, status_of(worker, pid) == 0);
	CHECK(worker, munmap(words, pages * PAGE) == 0);
}
