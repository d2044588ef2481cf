/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/area_model.h"
#include "tests/fuzz/fuzz.h"

/* Four bytes an operation, on the tree and on the array; both must agree throughout. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model *m = malloc(sizeof(*m));

	model_init(m);
	for (size_t at = 0; at + 4 <= size; at += 4)
		model_step(m, data + at);
	model_compare(m);
	model_destroy(m);
	free(m);
	return 0;
}
