/* SPDX-License-Identifier: BSD-2-Clause */
/* Computations that C leaves undefined; part of san_defects.c. */
DEFECT(shift, "UBSAN: shift out of bounds (1, 40 of 'int')")
{
	number = (int)(two - 1) << forty; /* here */
}

DEFECT(sum, "UBSAN: signed overflow of + (")
{
	number = most + two; /* here */
}

DEFECT(difference, "UBSAN: signed overflow of - (-2147483647, 2 of 'int')")
{
	number = -most - two; /* here */
}

DEFECT(product, "UBSAN: signed overflow of * (")
{
	number = most * two; /* here */
}

DEFECT(negation, "UBSAN: signed overflow of negation")
{
	int32_t least = -most - 1;

	number = -least; /* here */
}

DEFECT(division, "UBSAN: division by zero or overflow")
{
	number = most / (two - 2); /* here */
}

DEFECT(index, "UBSAN: index 8 out of bounds of 'uint8_t [8]'")
{
	sink = table[eight]; /* here */
}

DEFECT(misaligned, "UBSAN: load of misaligned address 'const uint32_t'")
{
	const uint32_t *words = (const uint32_t *)(const void *)(table + two); /* NOLINT */

	number = (int32_t)words[0]; /* here */
}

DEFECT(null, "UBSAN: member access in null pointer 'const struct frame'")
{
	const struct frame *volatile none = NULL;

	sink = none->type; /* here */
}

DEFECT(truth, "UBSAN: 2 is no value of '_Bool'")
{
	bool truth;

	memset(&truth, two, sizeof(truth));
	sink = truth; /* here */
}

DEFECT(unreachable, "UBSAN: a place that cannot be reached")
{
	if (two == 2)
		__builtin_unreachable(); /* here */
	sink = 0;
}

DEFECT(pointer, "UBSAN: pointer overflow from")
{
	const uint8_t *at = table + (SIZE_MAX / 8 * three); /* here */

	__asm__ volatile("" : : "r"(at));
}

DEFECT(count_zeros, "UBSAN: 0 given to count zeros of")
{
	number = __builtin_ctz(two - 2u); /* here */
}

DEFECT(object_size, "UBSAN: load of address with too little room 'uint64_t'")
{
	static uint64_t words[2];
	const uint64_t *last = (const uint64_t *)(const void *)((const uint8_t *)words + 16);

	sink = (uint8_t)*last; /* here */
}

DEFECT(object_member, "UBSAN: store to address with too little room")
{
	static uint64_t word;
	struct boot_module *module = (struct boot_module *)(void *)&word;

	module->size = forty; /* here */
}
