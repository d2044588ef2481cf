/* SPDX-License-Identifier: BSD-2-Clause */
/* The walker judges the tables; here the CPU judges the walker, and planted faults try it. */
#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/x86/tlb.h"
#include "mm/usercopy.h"
#include "mm/walker.h"
#include "selftest/expect.h"
#include "selftest/mm/scratch.h"
#include "selftest/selftest.h"

#define RET_INSTRUCTION 0xc3
#define COMBINATIONS    64u

static pte_t rights_of(unsigned bits)
{
	return PTE_P | (bits & 1 ? PTE_W : 0) | (bits & 2 ? PTE_U : 0) | (bits & 4 ? PTE_NX : 0);
}

static bool faults(void (*probe)(void *), uint64_t address)
{
	struct fault got;

	return catch_fault(&got, probe, (void *)address);
}

/* Real accesses must agree with the walker's answer. User leaves are written to by usercopy. */
static bool cpu_agrees(const struct walk_leaf *leaf, uint64_t address)
{
	uint32_t word = RET_INSTRUCTION;

	if (leaf->user)
		return (put_user_u32((struct uaddr){address}, word) == OK) == leaf->write;
	return !faults(probe_read, address) && faults(probe_exec, address) == !leaf->execute &&
	       faults(probe_write, address) == !leaf->write;
}

/* Every W, U, NX combination of two levels. */
SELFTEST(M1, 5, walker_agrees_with_the_cpu)
{
	struct scratch scratch;
	pte_t *directory, *leaf;
	pte_t whole;
	bool agreed = true;

	CHECK(scratch_begin(&scratch, 1));
	directory = &scratch_table(scratch.root, SCRATCH_BASE, 2)[level_index(SCRATCH_BASE, 2)];
	leaf = table_leaf_find(scratch.root, SCRATCH_BASE);
	whole = *directory;
	for (unsigned i = 0; agreed && i < COMBINATIONS; i++) {
		struct walk_leaf seen;

		*(uint8_t *)scratch_page(&scratch, 0) = RET_INSTRUCTION;
		*directory = (whole & PTE_ADDR) | rights_of(i / 8);
		*leaf = frame_phys(scratch.frames[0]).raw | rights_of(i % 8);
		tlb_flush_root(scratch.root);
		agreed = walk_address(scratch.root, SCRATCH_BASE, &seen) &&
			 cpu_agrees(&seen, SCRATCH_BASE);
	}
	*directory = whole;
	tlb_flush_root(scratch.root);
	scratch_end(&scratch);
	CHECK(agreed);
	return true;
}

/* A large leaf is seen as such, with the rights above it. */
SELFTEST(M1, 5, walker_sees_large_leaves)
{
	struct scratch scratch;
	struct walk_leaf seen;
	pte_t *directory;
	pte_t whole;
	bool found;

	CHECK(scratch_begin(&scratch, 1));
	directory = &scratch_table(scratch.root, SCRATCH_BASE, 2)[level_index(SCRATCH_BASE, 2)];
	whole = *directory;
	*directory = PTE_P | PTE_W | PTE_U | PTE_LARGE;
	found = walk_address(scratch.root, SCRATCH_BASE + 0x5000, &seen);
	*directory = whole;
	scratch_end(&scratch);
	CHECK(found && seen.size == MIB(2) && seen.pa == 0 && seen.write && seen.execute);
	return true;
}

/* Plants an entry and says whether the walker finds it by this rule; the tables are put back. */
static bool plant_is_found(struct scratch *scratch, unsigned level, uint64_t va, pte_t planted,
			   const char *rule)
{
	struct walk_violation found;
	pte_t *entry = &scratch_table(scratch->root, va, level)[level_index(va, level)];
	pte_t before = *entry;
	bool clean = walk_check(scratch->root, &found);
	bool red;

	*entry = planted;
	red = !walk_check(scratch->root, &found) && strcmp(found.rule, rule) == 0;
	*entry = before;
	return clean && red;
}

#define SUPERVISOR_LEAF "supervisor leaf in the user half"

SELFTEST(M1, 10, forbidden_leaves_are_found)
{
	struct scratch scratch;
	uint64_t frame, table;
	bool user_table, global, reserved, kernel_user, writable_code, all_levels;

	CHECK(scratch_begin(&scratch, 1));
	frame = frame_phys(scratch.frames[0]).raw;
	table = scratch.root->pml4_phys;
	user_table = plant_is_found(&scratch, 1, SCRATCH_BASE, table | PTE_P | PTE_U | PTE_NX,
				    "user leaf over a page table");
	global = plant_is_found(&scratch, 1, SCRATCH_BASE, frame | PTE_P | PTE_U | PTE_G | PTE_NX,
				"global user leaf");
	reserved = plant_is_found(&scratch, 1, SCRATCH_BASE,
				  frame | PTE_P | PTE_U | PTE_NX | BIT(51), "reserved bit set");
	/* The bit of the highest level alone, above entries that lack it. */
	kernel_user = plant_is_found(
		&scratch, 4, layout.image,
		scratch_table(scratch.root, layout.image, 4)[level_index(layout.image, 4)] | PTE_U,
		"user bit above the kernel half");
	writable_code = plant_is_found(&scratch, 1, SCRATCH_BASE, frame | PTE_P | PTE_U | PTE_W,
				       "writable and executable");
	all_levels = plant_is_found(&scratch, 2, SCRATCH_BASE, PTE_P | PTE_LARGE | PTE_NX,
				    SUPERVISOR_LEAF) &&
		     plant_is_found(&scratch, 3, SCRATCH_BASE, PTE_P | PTE_LARGE | PTE_NX,
				    SUPERVISOR_LEAF);
	scratch_end(&scratch);
	CHECK(user_table);
	CHECK(global);
	CHECK(reserved);
	CHECK(kernel_user);
	CHECK(writable_code);
	CHECK(all_levels);
	return true;
}

struct leaf_request {
	pte_t *leaf;
	pte_t value;
};

static void do_set(void *arg)
{
	const struct leaf_request *request = arg;

	table_leaf_set(request->leaf, request->value);
}

SELFTEST(M4, 11, supervisor_leaves_are_refused_and_found)
{
	struct scratch scratch;
	struct leaf_request request;
	bool refused, table_refused, found, last_found;
	pte_t *top;

	CHECK(scratch_begin(&scratch, 1));
	request.leaf = table_leaf_find(scratch.root, scratch_address(1));
	request.value = frame_phys(scratch.frames[0]).raw | PTE_P | PTE_NX;
	refused = expect_assert(do_set, &request);
	request.value = scratch.root->pml4_phys | PTE_P | PTE_U | PTE_NX;
	table_refused = expect_assert(do_set, &request);
	found = plant_is_found(&scratch, 1, scratch_address(1),
			       frame_phys(scratch.frames[0]).raw | PTE_P | PTE_NX, SUPERVISOR_LEAF);
	/* The last top-level entry of the user half counts like any other. */
	top = scratch_table(scratch.root, 0, TABLE_LEVELS);
	top[255] = top[0] & ~PTE_U;
	last_found = !walk_check(scratch.root, &(struct walk_violation){0});
	top[255] = 0;
	scratch_end(&scratch);
	CHECK(refused);
	CHECK(table_refused);
	CHECK(found);
	CHECK(last_found);
	return true;
}
