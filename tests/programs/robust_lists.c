/* SPDX-License-Identifier: BSD-2-Clause */
/* Robust lists: what a thread that ends does with the words of its list, whatever that list is. */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tell(const char *what, long result)
{
	printf("%s: %s\n", what, result ? strerror(errno) : "done");
}

struct list {
	void *next;
	long offset;
	void *pending;
};

struct entry {
	void *next;
	uint32_t word, pad;
};

struct dying {
	struct list head;
	struct entry entries[4];
	int kind;
};

static void *die_with_list(void *arg)
{
	struct dying *me = arg;
	uint32_t tid = (uint32_t)syscall(SYS_gettid);

	for (int i = 0; i < 4; i++)
		me->entries[i] = (struct entry){.next = i < 3 ? (void *)&me->entries[i + 1]
							      : (void *)&me->head,
						.word = tid};
	me->head = (struct list){&me->entries[0], offsetof(struct entry, word), NULL};
	me->entries[1].word |= 0x80000000u;
	switch (me->kind) {
	case 1: /* somebody else's */
		me->entries[0].word = 1;
		break;
	case 2: /* goes round for ever */
		me->entries[3].next = &me->entries[1];
		break;
	case 3: /* leads nowhere */
		me->entries[1].next = (void *)8;
		break;
	case 4: /* words that are not there */
		me->head.offset = -4096l * 1024 * 1024 * 1024;
		break;
	case 5:
		me->head.offset = 9;
		break;
	case 6: /* of the pending one nothing else is told */
		me->head.next = &me->head;
		me->head.pending = &me->entries[2];
		break;
	case 7: /* is in the list, too */
		me->head.pending = &me->entries[1];
		break;
	case 8:
		syscall(SYS_set_robust_list, (void *)0xfff8, sizeof(struct list));
		return NULL;
	default:
		break;
	}
	syscall(SYS_set_robust_list, &me->head, sizeof(me->head));
	return NULL;
}

static void robust_lists(void)
{
	struct list head, *found = NULL;
	size_t len = 0;

	for (int kind = 0; kind < 9; kind++) {
		struct dying dying = {.kind = kind};
		pthread_t thread;

		pthread_create(&thread, NULL, die_with_list, &dying);
		pthread_join(thread, NULL);
		printf("list %d:", kind);
		for (int i = 0; i < 4; i++)
			printf(" %x", dying.entries[i].word >> 30);
		printf("\n");
	}
	tell("23 bytes", syscall(SYS_set_robust_list, &head, 23));
	tell("24 bytes", syscall(SYS_set_robust_list, &head, 24));
	tell("asked for", syscall(SYS_get_robust_list, 0, &found, &len));
	printf("it is that %d, %zu bytes\n", found == &head, len);
	tell("of nobody", syscall(SYS_get_robust_list, 32767, &found, &len));
	syscall(SYS_set_robust_list, NULL, 24);
}

int main(void)
{
	robust_lists();
	return 0;
}
