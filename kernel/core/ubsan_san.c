/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the compiler calls for -fsanitize=undefined: gcc's names and structures (libsanitizer's
 * ubsan_handlers.h). Each is a panic that names the place in the sources.
 */
#include "kernel/lib/bits.h"
#include "kernel/lib/format.h"

#include "kernel/core/log.h"
#include "kernel/core/panic.h"

struct place {
	const char *file;
	uint32_t line;
	uint32_t column;
};

struct type {
	uint16_t kind; /* 0: an integer */
	uint16_t info; /* integer: bit 0 it has a sign, above that log2 of its bits */
	char name[];
};

/* Each handler's data begins with the place; most have one or two types behind it. */
struct fault_data {
	struct place place;
	const struct type *first;
	const struct type *second;
};

struct mismatch_data {
	struct place place;
	const struct type *type;
	uint8_t log_alignment;
	uint8_t kind;
};

static const char *const access_kinds[] = {
	"load of",        "store to",        "reference to",       "member access in",
	"member call on", "construction of", "downcast of",        "downcast of",
	"upcast of",      "cast of",         "nonnull binding of", "dynamic operation on",
};

static _Noreturn void stop(const struct place *place, const char *what)
{
	char reason[LOG_LINE_MAX];

	format_text(reason, sizeof(reason), "UBSAN: %s at %s:%u:%u", what, place->file, place->line,
		    place->column);
	panic_expected(reason);
	panic("%s", reason);
}

/* Values of up to 64 bits stand in the register itself, others behind it. */
static void show_value(char *out, size_t size, const struct type *type, uint64_t value)
{
	unsigned bits = 1u << (type->info >> 1);

	if (type->kind != 0 || bits > 64)
		format_text(out, size, "?");
	else if (type->info & 1)
		format_text(out, size, "%ld", (int64_t)(value << (64 - bits)) >> (64 - bits));
	else
		format_text(out, size, "%lu", value);
}

static _Noreturn void stop_with_two(const struct fault_data *data, const char *what,
				    const struct type *second_type, uint64_t first, uint64_t second)
{
	char one[24], two[24], text[96];

	show_value(one, sizeof(one), data->first, first);
	show_value(two, sizeof(two), second_type, second);
	format_text(text, sizeof(text), "%s (%s, %s of %s)", what, one, two, data->first->name);
	stop(&data->place, text);
}

/* NOLINTBEGIN: the compiler's names */
#define OVERFLOW(name, what)                                                             \
	void __ubsan_handle_##name##_overflow(const struct fault_data *data, uint64_t a, \
					      uint64_t b);                               \
	void __ubsan_handle_##name##_overflow(const struct fault_data *data, uint64_t a, \
					      uint64_t b)                                \
	{                                                                                \
		stop_with_two(data, what, data->first, a, b);                            \
	}

OVERFLOW(add, "signed overflow of +")
OVERFLOW(sub, "signed overflow of -")
OVERFLOW(mul, "signed overflow of *")
OVERFLOW(divrem, "division by zero or overflow")

void __ubsan_handle_negate_overflow(const struct fault_data *data, uint64_t value);
void __ubsan_handle_negate_overflow(const struct fault_data *data, uint64_t value)
{
	stop_with_two(data, "signed overflow of negation", data->first, value, value);
}

void __ubsan_handle_shift_out_of_bounds(const struct fault_data *data, uint64_t a, uint64_t b);
void __ubsan_handle_shift_out_of_bounds(const struct fault_data *data, uint64_t a, uint64_t b)
{
	stop_with_two(data, "shift out of bounds", data->second, a, b);
}

void __ubsan_handle_out_of_bounds(const struct fault_data *data, uint64_t index);
void __ubsan_handle_out_of_bounds(const struct fault_data *data, uint64_t index)
{
	char value[24], text[96];

	show_value(value, sizeof(value), data->second, index);
	format_text(text, sizeof(text), "index %s out of bounds of %s", value, data->first->name);
	stop(&data->place, text);
}

void __ubsan_handle_load_invalid_value(const struct fault_data *data, uint64_t value);
void __ubsan_handle_load_invalid_value(const struct fault_data *data, uint64_t value)
{
	char text[96];

	format_text(text, sizeof(text), "%lu is no value of %s", value & 0xff, data->first->name);
	stop(&data->place, text);
}

void __ubsan_handle_vla_bound_not_positive(const struct fault_data *data, uint64_t bound);
void __ubsan_handle_vla_bound_not_positive(const struct fault_data *data, uint64_t bound)
{
	char text[96];

	format_text(text, sizeof(text), "an array of %ld elements", (int64_t)bound);
	stop(&data->place, text);
}

void __ubsan_handle_type_mismatch_v1(const struct mismatch_data *data, uint64_t pointer);
void __ubsan_handle_type_mismatch_v1(const struct mismatch_data *data, uint64_t pointer)
{
	uint64_t alignment = 1ull << data->log_alignment;
	const char *kind = data->kind < ARRAY_SIZE(access_kinds) ? access_kinds[data->kind] : "?";
	const char *what = pointer == 0               ? "null pointer"
			   : pointer % alignment != 0 ? "misaligned address"
						      : "address with too little room";
	char text[128];

	format_text(text, sizeof(text), "%s %s %s: %016lx", kind, what, data->type->name, pointer);
	stop(&data->place, text);
}

void __ubsan_handle_pointer_overflow(const struct place *place, uint64_t base, uint64_t result);
void __ubsan_handle_pointer_overflow(const struct place *place, uint64_t base, uint64_t result)
{
	char text[96];

	format_text(text, sizeof(text), "pointer overflow from %016lx to %016lx", base, result);
	stop(place, text);
}

#define PLACE_ONLY(name, what)                                 \
	void __ubsan_handle_##name(const struct place *place); \
	void __ubsan_handle_##name(const struct place *place)  \
	{                                                      \
		stop(place, what);                             \
	}

PLACE_ONLY(builtin_unreachable, "a place that cannot be reached")
PLACE_ONLY(invalid_builtin, "0 given to count zeros of")
PLACE_ONLY(nonnull_arg, "null pointer as an argument that must not be")

void __ubsan_handle_nonnull_return_v1(const void *data, const struct place *place);
void __ubsan_handle_nonnull_return_v1(const void *data, const struct place *place)
{
	(void)data;
	stop(place, "null pointer as a result that must not be");
}
/* NOLINTEND */
