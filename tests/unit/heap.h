/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The kernel's heap for parts that ask it for memory: the host's, counted, and able to fail. */
#include "mm/slab.h"
#include "tests/unit/check.h"

static unsigned heap_live;
static bool heap_is_empty; /* nothing more is to be had */

void *kmalloc(size_t size)
{
	if (heap_is_empty)
		return NULL;
	heap_live++;
	return memset(malloc(size), 0xa5, size);
}

void kfree(void *object)
{
	heap_live -= object != NULL;
	free(object);
}
