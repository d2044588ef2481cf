/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * What the stub asks of the firmware. Functions return an EFI status; one that failed in a way
 * which ends the boot has said why on the console by one line.
 */
#include "boot/uefi/efi.h"
#include "boot/uefi/handover.h"

/* The image's handle and the system table, as efi_main got them. */
struct firmware {
	void *image;
	struct efi_system_table *system;
};

/* Bytes in memory of type EfiLoaderData below 4 GiB; pages is what was allocated for them. */
struct buffer {
	uint8_t *data;
	uint64_t len;
	uint64_t pages;
};

/* One line on the console: "Bartizan: ", what and detail. */
void firmware_say(const struct firmware *firmware, const wchar_t *what, const wchar_t *detail);

/* The same as the reason why the boot ends. Return: status, to be returned on. */
uint64_t firmware_refuse(const struct firmware *firmware, uint64_t status, const wchar_t *what,
			 const wchar_t *detail);

/* Zeroed pages below 4 GiB. Says so when there are none. */
uint64_t firmware_allocate(const struct firmware *firmware, uint64_t pages, struct buffer *buffer);
void firmware_free(const struct firmware *firmware, struct buffer *buffer);

/*
 * Read a file of the volume that the stub was loaded from. Silent about EFI_NOT_FOUND: the caller
 * knows whether the file has to be there.
 */
uint64_t firmware_read(const struct firmware *firmware, const wchar_t *path, struct buffer *buffer);

/* Whether Secure Boot is on: then nothing that is not signed may steer the kernel. */
bool firmware_secure_boot(const struct firmware *firmware);

/* Fill in the screen, the RSDP and the entropy, as far as there are any. */
void firmware_describe(const struct firmware *firmware, struct uefi_handover *handover);

/* Take the machine over; the memory map goes into the handover. After EFI_OK nothing may be asked.
 */
uint64_t firmware_exit(const struct firmware *firmware, struct uefi_handover *handover);
