/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The audit ring: every refusal for a security reason leaves one record. The ring is bounded; what
 * is overwritten unread is counted, never forgotten. The log shows records at a limited rate and
 * says how many it left out. The decision itself never depends on the ring.
 */
#include "kernel/lib/errors.h"
#include "kernel/lib/types.h"

enum audit_object_kind {
	AUDIT_OBJECT_NONE,
	AUDIT_OBJECT_PROCESS, /* id: pid */
	AUDIT_OBJECT_FILE,    /* id: inode number */
	AUDIT_OBJECT_MEMORY,  /* id: user address */
	AUDIT_OBJECT_DEVICE,  /* id: major << 32 | minor */
	AUDIT_OBJECT_CONTROL, /* id: ioctl or prctl number */
};

struct audit_object {
	enum audit_object_kind kind;
	uint64_t id;
};

struct audit_record {
	uint64_t sequence; /* from 1, without gaps while nothing is lost */
	uint64_t time_ns;
	uint32_t subject; /* pid, 0 = the kernel */
	uint32_t call;    /* system-call number, AUDIT_NO_CALL outside one */
	struct audit_object object;
	enum err error;
};

#define AUDIT_NO_CALL 0xffffffffu

/** Record that @subject was refused @call on @object with @error. Context: any. */
void audit_deny(uint32_t subject, struct audit_object object, uint32_t call, enum err error);

/** The number of the newest record (0 = none). */
uint64_t audit_head(void);

/** Records overwritten before anybody read them. */
uint64_t audit_lost(void);

/**
 * Copy the oldest record after number @after that is still there.
 *
 * Return: OK, or ERR_NOENT when there is none.
 */
enum err audit_read(uint64_t after, struct audit_record *record);
