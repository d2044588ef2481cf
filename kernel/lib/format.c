/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/format.h"

#include "kernel/lib/string.h"

struct sink {
	char *buffer;
	size_t size;
	size_t len;
};

struct spec {
	bool left;
	bool zero;
	bool precise;
	size_t width;
	size_t precision;
	unsigned bytes;
};

static void put(struct sink *sink, char c)
{
	if (sink->len + 1 < sink->size)
		sink->buffer[sink->len] = c;
	sink->len++;
}

static void put_padding(struct sink *sink, char c, size_t have, size_t want)
{
	for (; have < want; have++)
		put(sink, c);
}

static void put_field(struct sink *sink, const struct spec *spec, const char *text, size_t len)
{
	if (!spec->left)
		put_padding(sink, ' ', len, spec->width);
	for (size_t i = 0; i < len; i++)
		put(sink, text[i]);
	if (spec->left)
		put_padding(sink, ' ', len, spec->width);
}

/* Digits of value, most significant first, with leading zeros; returns how many. */
static size_t digits(char *at, uint64_t value, unsigned base, bool upper, size_t at_least)
{
	const char *symbols = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char reversed[64];
	size_t len = 0;

	do {
		reversed[len++] = symbols[value % base];
		value /= base;
	} while (value);
	while (len < at_least && len < sizeof(reversed))
		reversed[len++] = '0';
	for (size_t i = 0; i < len; i++)
		at[i] = reversed[len - 1 - i];
	return len;
}

static void put_number(struct sink *sink, const struct spec *spec, uint64_t value, bool negative,
		       unsigned base, bool upper)
{
	char text[66];
	size_t sign = negative ? 1 : 0;
	size_t at_least = spec->precise ? spec->precision : 1;

	if (spec->zero && !spec->left && !spec->precise && spec->width > sign)
		at_least = spec->width - sign;
	if (negative)
		text[0] = '-';
	put_field(sink, spec, text, sign + digits(text + sign, value, base, upper, at_least));
}

static uint64_t next_unsigned(const struct spec *spec, va_list *args)
{
	uint64_t value = spec->bytes == 8 ? va_arg(*args, uint64_t) : va_arg(*args, unsigned);

	if (spec->bytes < 4)
		value &= (1u << (8 * spec->bytes)) - 1;
	return value;
}

static int64_t next_signed(const struct spec *spec, va_list *args)
{
	if (spec->bytes == 8)
		return va_arg(*args, int64_t);
	int value = va_arg(*args, int);
	return spec->bytes == 2 ? (int16_t)value : spec->bytes == 1 ? (int8_t)value : value;
}

static size_t parse_count(const char **format, va_list *args)
{
	size_t count = 0;

	if (**format == '*') {
		int value = va_arg(*args, int);
		(*format)++;
		return value > 0 ? (size_t)value : 0;
	}
	for (; **format >= '0' && **format <= '9'; (*format)++)
		count = count * 10 + (size_t)(**format - '0');
	return count;
}

static struct spec parse_spec(const char **format, va_list *args)
{
	struct spec spec = {.bytes = 4};

	for (;; (*format)++) {
		if (**format == '-')
			spec.left = true;
		else if (**format == '0')
			spec.zero = true;
		else
			break;
	}
	spec.width = parse_count(format, args);
	if (**format == '.') {
		(*format)++;
		spec.precise = true;
		spec.precision = parse_count(format, args);
	}
	for (;; (*format)++) {
		if (**format == 'l' || **format == 'z')
			spec.bytes = 8;
		else if (**format == 'h')
			spec.bytes /= 2;
		else
			return spec;
	}
}

static void put_string(struct sink *sink, const struct spec *spec, const char *text)
{
	if (!text)
		text = "(null)";
	put_field(sink, spec, text, spec->precise ? strnlen(text, spec->precision) : strlen(text));
}

static void put_signed(struct sink *sink, const struct spec *spec, int64_t value)
{
	put_number(sink, spec, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0, 10,
		   false);
}

static void put_conversion(struct sink *sink, struct spec *spec, char conversion, va_list *args)
{
	char c;

	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(sink, spec, next_signed(spec, args));
		break;
	case 'u':
		put_number(sink, spec, next_unsigned(spec, args), false, 10, false);
		break;
	case 'x':
	case 'X':
		put_number(sink, spec, next_unsigned(spec, args), false, 16, conversion == 'X');
		break;
	case 'p':
		spec->bytes = 8;
		put_number(sink, spec, (uintptr_t)va_arg(*args, void *), false, 16, false);
		break;
	case 's':
		put_string(sink, spec, va_arg(*args, const char *));
		break;
	case 'c':
		c = (char)va_arg(*args, int);
		put_field(sink, spec, &c, 1);
		break;
	default:
		put(sink, conversion);
	}
}

size_t format_text_va(char *buffer, size_t size, const char *format, va_list args)
{
	struct sink sink = {.buffer = buffer, .size = size};
	va_list rest;

	va_copy(rest, args);
	while (*format) {
		if (*format != '%') {
			put(&sink, *format++);
			continue;
		}
		format++;
		struct spec spec = parse_spec(&format, &rest);
		if (*format)
			put_conversion(&sink, &spec, *format++, &rest);
	}
	va_end(rest);
	if (size)
		buffer[sink.len < size ? sink.len : size - 1] = 0;
	return sink.len;
}

size_t format_text(char *buffer, size_t size, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	size_t len = format_text_va(buffer, size, format, args);
	va_end(args);
	return len;
}
