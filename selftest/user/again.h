/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* A program that runs itself again by execve, with a word that says as what. */
#include "selftest/user/user.h"

#define AT_NULL   0
#define AT_RANDOM 25
#define AT_EXECFN 31

#define AT_SYSINFO_EHDR 33

static inline uint64_t aux_value(const uint64_t *stack, uint64_t type)
{
	const uint64_t *at = stack + stack[0] + 2;

	while (*at)
		at++;
	for (at++; at[0] != AT_NULL; at += 2)
		if (at[0] == type)
			return at[1];
	return 0;
}

/* The letter it was started again with, or 0: the first start. */
static inline char again_word(const uint64_t *stack)
{
	return stack[0] == 2 ? *(const char *)stack[2] : 0;
}

static inline _Noreturn void again(const uint64_t *stack, char word)
{
	char text[2] = {word, 0};
	const char *const argv[] = {(const char *)stack[1], text, NULL}, *const envp[] = {NULL};

	sys3(SYS_execve, (long)aux_value(stack, AT_EXECFN), (long)argv, (long)envp);
	sys_exit(125);
}
