/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The words every file may use: fixed-width integers, sizes, bool and static_assert. */
#include <stddef.h>
#include <stdint.h>

#ifndef __cplusplus
#if !defined(bool) && !defined(__bool_true_false_are_defined)
#define bool _Bool
#define true 1
#define false 0
#define __bool_true_false_are_defined 1
#endif
#ifndef static_assert
#define static_assert _Static_assert
#endif
#endif
