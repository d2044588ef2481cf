/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* What the system is called: uname(2) and /proc/sys/kernel. */

#define UTS_FIELD_BYTES 65u

#define UTS_SYSTEM  "Linux" /* whose interface this is */
#define UTS_RELEASE "6.1.0-bartizan"
#define UTS_VERSION "#1 Bartizan"
#define UTS_MACHINE "x86_64"

enum uts_name { UTS_HOST, UTS_DOMAIN, UTS_NAMES };

/** The name at present. Context: any but an interrupt. */
void uts_get(enum uts_name which, char name[UTS_FIELD_BYTES]);

/** NUL-terminated. Context: as above. */
void uts_set(enum uts_name which, const char name[UTS_FIELD_BYTES]);
