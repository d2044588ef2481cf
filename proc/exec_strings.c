/* SPDX-License-Identifier: BSD-2-Clause */
#include "proc/exec_strings.h"

#include "kernel/lib/bits.h"
#include "kernel/lib/string.h"

#include "kernel/core/limits.h"
#include "mm/slab.h"
#include "mm/usercopy.h"

#define FIRST_BYTES 1024u
#define LIMIT_MIN   KIB(128)
#define LIMIT_MAX   MIB(6)

enum err exec_strings_begin(struct exec_strings *strings, uint64_t stack_limit)
{
	*strings = (struct exec_strings){.size = FIRST_BYTES};
	strings->limit = (size_t)MIN(MAX(stack_limit / 4, LIMIT_MIN), LIMIT_MAX);
	strings->text = kmalloc(FIRST_BYTES);
	return strings->text ? OK : ERR_NOMEM;
}

void exec_strings_free(struct exec_strings *strings)
{
	kfree(strings->text);
	strings->text = NULL;
}

/* Room for `len` more bytes, pointers of the strings counted against the limit. */
static enum err make_room(struct exec_strings *strings, size_t len)
{
	size_t pointers = ((size_t)strings->argc + strings->envc + 1) * sizeof(uint64_t);

	if (len > strings->limit || strings->used + pointers > strings->limit - len)
		return ERR_2BIG;
	if (strings->used + len <= strings->size)
		return OK;
	size_t size = MAX(2 * strings->size, strings->used + len);
	char *text = krealloc(strings->text, size);
	if (!text)
		return ERR_NOMEM;
	strings->text = text;
	strings->size = size;
	return OK;
}

static void count_string(struct exec_strings *strings, size_t bytes, bool is_env)
{
	strings->used += bytes;
	if (is_env) {
		strings->envc++;
		return;
	}
	strings->argc++;
	strings->arg_bytes += bytes;
}

/* Copied where it will stay; a longer string than the room left is tried again with more of it. */
enum err exec_strings_add_user(struct exec_strings *strings, struct uaddr from, bool is_env)
{
	for (size_t want = 128;; want = 4 * want) {
		enum err err = make_room(strings, MIN(want, (size_t)LIMIT_ARG_BYTES));
		if (err != OK)
			return err;
		size_t room = MIN(strings->size - strings->used, (size_t)LIMIT_ARG_BYTES);
		int64_t len = string_from_user(strings->text + strings->used, from, room);
		if (len >= 0) {
			count_string(strings, (size_t)len + 1, is_env);
			return OK;
		}
		if (len != ERR_NAMETOOLONG)
			return (enum err)len;
		if (room == LIMIT_ARG_BYTES)
			return ERR_2BIG;
		want = MAX(want, room);
	}
}

enum err exec_strings_add(struct exec_strings *strings, const char *text, size_t len, bool is_env)
{
	enum err err = len >= LIMIT_ARG_BYTES ? ERR_2BIG : make_room(strings, len + 1);

	if (err != OK)
		return err;
	memcpy(strings->text + strings->used, text, len);
	strings->text[strings->used + len] = 0;
	count_string(strings, len + 1, is_env);
	return OK;
}

enum err exec_strings_put_script(struct exec_strings *strings, const char *interpreter, size_t len,
				 const char *argument, size_t argument_len, const char *script)
{
	size_t script_len = strlen(script);
	size_t argument_bytes = argument_len ? argument_len + 1 : 0;
	size_t first = strings->argc ? strlen(strings->text) + 1 : 0;
	size_t added = len + 1 + argument_bytes + script_len + 1;
	enum err err = make_room(strings, added);

	if (err != OK)
		return err;
	memmove(strings->text + added, strings->text + first, strings->used - first);
	char *at = strings->text;
	memcpy(at, interpreter, len);
	at[len] = 0;
	at += len + 1;
	if (argument_len) {
		memcpy(at, argument, argument_len);
		at[argument_len] = 0;
		at += argument_len + 1;
	}
	memcpy(at, script, script_len + 1);
	strings->used += added - first;
	strings->arg_bytes += added - first;
	strings->argc += (argument_len ? 3u : 2u) - (first ? 1u : 0u);
	return OK;
}
