/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses to what is not theirs; part of san_defects.c. */
static __noinline char *bytes_of(size_t size)
{
	char *bytes = kmalloc(size);

	if (bytes == NULL)
		panic("planted: no memory");
	memset(bytes, 1, size);
	return bytes;
}

static __noinline char *freed_bytes(void)
{
	char *bytes = bytes_of(forty);

	kfree(bytes);
	return bytes;
}

DEFECT(heap_read, "KASAN: out of bounds of a heap object: read of 1 bytes")
{
	const char *bytes = bytes_of(forty);

	sink = (uint8_t)bytes[forty]; /* here */
}

DEFECT(heap_write, "KASAN: out of bounds of a heap object: write of 8 bytes")
{
	uint64_t *words = (uint64_t *)(void *)bytes_of(forty + 4);

	words[forty / 8] = 1; /* here: only half of it is ours */
	sink = 0;
}

DEFECT(heap_before, "KASAN: out of bounds of a heap object: read of 1 bytes")
{
	const char *bytes = bytes_of(forty);

	sink = (uint8_t)bytes[-(ptrdiff_t)eight]; /* here */
}

DEFECT(large_object, "KASAN: out of bounds of a heap object: write of 1 bytes")
{
	char *bytes = bytes_of(forty * 125);

	bytes[forty * 125] = 1; /* here: in the same block of frames */
}

DEFECT(freed_read, "KASAN: use after free: read of 1 bytes")
{
	sink = (uint8_t)freed_bytes()[three]; /* here */
}

DEFECT(freed_write, "KASAN: use after free: write of 1 bytes")
{
	freed_bytes()[three] = 1; /* here */
}

DEFECT(freed_twice, "KASAN: double free of")
{
	kfree(freed_bytes()); /* here */
	sink = 0;
}

DEFECT(string_write, "KASAN: out of bounds of a heap object: write of 41 bytes")
{
	memset(bytes_of(forty), 0, forty + 1); /* here */
	sink = 0;
}

DEFECT(string_read, "KASAN: use after free: read of 8 bytes")
{
	char copy[8];

	memcpy(copy, freed_bytes(), eight); /* here */
	sink = (uint8_t)copy[two];
}

DEFECT(user_copy_out, "KASAN: out of bounds of a heap object: read of 41 bytes")
{
	(void)!copy_to_user((struct uaddr){USER_START}, bytes_of(forty), forty + 1); /* here */
	sink = 0;
}

DEFECT(user_copy_in, "KASAN: use after free: write of 8 bytes")
{
	(void)!copy_from_user(freed_bytes(), (struct uaddr){USER_START}, eight); /* here */
	sink = 0;
}

DEFECT(free_frame, "KASAN: use of a free frame: write of 8 bytes")
{
	struct frame *frame = frame_alloc(FRAME_KERNEL, 0);
	uint64_t *words = frame_virt(frame);

	frame_free(frame);
	words[forty] = 1; /* here */
}

DEFECT(stack_variable, "KASAN: out of bounds of a variable on the stack: write of 1 bytes")
{
	char bytes[24];
	char *at = bytes;

	__asm__ volatile("" : "+r"(at));
	at[three * eight] = 1;      /* here */
	sink = (uint8_t)bytes[two]; /* NOLINT */
}

DEFECT(stack_scope, "KASAN: use of a variable on the stack behind its scope: read of 1 bytes")
{
	const char *volatile left;

	{
		char inner[8];

		memset(inner, 1, eight);
		left = inner;
	}
	sink = (uint8_t)left[two]; /* here */
}

DEFECT(freed_stack, "KASAN: use of a stack that was freed: write of 1 bytes")
{
	char *stack = kstack_alloc();

	kstack_free(stack);
	stack[forty] = 1; /* here */
}

DEFECT(global_variable, "KASAN: out of bounds of a global variable: read of 1 bytes")
{
	const uint8_t *at = table;

	__asm__ volatile("" : "+r"(at));
	sink = at[eight]; /* here */
}

DEFECT(device_window, "KASAN: beside a window on device memory: read of 4 bytes")
{
	const volatile uint32_t *window = kmap(phys(0xfed00000), 16, KMAP_DEVICE);

	sink = (uint8_t)window[two + 2]; /* here */
}

DEFECT(user_address, "KASAN: no address of the kernel: read of 1 bytes")
{
	const char *address = (const char *)(forty << 20);

	sink = (uint8_t)*address; /* here */
}

DEFECT(nowhere, "KASAN: no memory there: access near fffff10000000028 by")
{
	const char *address = (const char *)0xfffff10000000000;

	sink = (uint8_t)address[forty]; /* here */
}
