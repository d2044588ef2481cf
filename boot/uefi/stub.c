/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The UEFI stub: BOOTX64.EFI of the image. It reads the kernel and its initramfs from the volume
 * that it was loaded from, checks them against its record, and hands the machine over.
 */
#include "boot/uefi/firmware.h"
#include "boot/uefi/jump.h"
#include "boot/uefi/kernel_image.h"
#include "boot/uefi/record.h"
#include "boot/uefi/tables.h"

static const wchar_t *const NAMES[RECORD_FILES] = {
	L"\\bartizan\\kernel.elf",
	L"\\bartizan\\initramfs.cpio",
	L"\\bartizan\\second.cpio",
};

/* A file is there if and only if the record has it, and then it has these bytes. */
static uint64_t read_checked(const struct firmware *firmware, enum record_file file,
			     struct buffer *buffer)
{
	uint64_t status = firmware_read(firmware, NAMES[file], buffer);

	if (status == EFI_NOT_FOUND) {
		if (!record_allows(file))
			return EFI_OK;
		return firmware_refuse(firmware, status, L"there is no file ", NAMES[file]);
	}
	if (status != EFI_OK)
		return status;
	if (!record_matches(file, buffer->data, buffer->len))
		return firmware_refuse(firmware, EFI_SECURITY_VIOLATION,
				       L"not the file that this loader was made for: ",
				       NAMES[file]);
	return EFI_OK;
}

static uint64_t load_initramfs(const struct firmware *firmware, struct uefi_handover *handover)
{
	for (int i = 0; i < 2; i++) {
		struct buffer file = {0};
		uint64_t status = read_checked(firmware, RECORD_INITRAMFS + i, &file);
		if (status != EFI_OK)
			return status;
		handover->initrd_phys[i] = (uint64_t)file.data;
		handover->initrd_size[i] = file.len;
	}
	return EFI_OK;
}

/* No signature covers the command line: with Secure Boot on it could undo what one protects. */
static uint64_t load_cmdline(const struct firmware *firmware, struct uefi_handover *handover)
{
	struct buffer file = {0};

	if (firmware_secure_boot(firmware)) {
		firmware_say(firmware, L"Secure Boot is on, \\bartizan\\cmdline ignored", L"");
		return EFI_OK;
	}
	uint64_t status = firmware_read(firmware, L"\\bartizan\\cmdline", &file);
	if (status != EFI_OK && status != EFI_NOT_FOUND)
		return status;
	while (file.len > 0 && (file.data[file.len - 1] == '\n' || file.data[file.len - 1] == '\0'))
		file.len--;
	handover->cmdline_phys = (uint64_t)file.data;
	handover->cmdline_len = file.len;
	return EFI_OK;
}

static uint64_t load_kernel(const struct firmware *firmware, struct kernel_image *kernel)
{
	struct buffer file = {0};
	uint64_t status = read_checked(firmware, RECORD_KERNEL, &file);

	if (status != EFI_OK)
		return status;
	if (!file.data)
		return firmware_refuse(firmware, EFI_SECURITY_VIOLATION,
				       L"this loader was made for no kernel", L"");
	status = kernel_load(firmware, &file, kernel);
	firmware_free(firmware, &file);
	return status;
}

static uint64_t check_processor(const struct firmware *firmware)
{
	if (jump_has_five_levels())
		return firmware_refuse(firmware, EFI_UNSUPPORTED,
				       L"the firmware uses 5-level paging; switch it off there",
				       L"");
	if (!jump_has_no_execute())
		return firmware_refuse(firmware, EFI_UNSUPPORTED,
				       L"this processor has no no-execute pages", L"");
	return EFI_OK;
}

/* Everything but the exit itself. */
static uint64_t prepare(const struct firmware *firmware, struct kernel_image *kernel,
			struct uefi_handover *handover, uint64_t *root)
{
	uint64_t status = check_processor(firmware);

	if (status == EFI_OK)
		status = load_kernel(firmware, kernel);
	if (status == EFI_OK)
		status = load_initramfs(firmware, handover);
	if (status == EFI_OK)
		status = load_cmdline(firmware, handover);
	if (status != EFI_OK)
		return status;
	handover->magic = UEFI_HANDOVER_MAGIC;
	handover->kernel_phys = kernel->phys;
	handover->kernel_size = kernel->size;
	firmware_describe(firmware, handover);
	return tables_build(firmware, kernel, (uint64_t)jump_to_kernel, handover, root);
}

uint64_t EFIAPI efi_main(void *image, struct efi_system_table *system);

uint64_t EFIAPI efi_main(void *image, struct efi_system_table *system)
{
	const struct firmware firmware = {image, system};
	struct kernel_image kernel = {0};
	struct buffer page = {0};
	uint64_t root = 0;

	uint64_t status = firmware_allocate(&firmware, 1, &page);
	if (status != EFI_OK)
		return status;
	struct uefi_handover *handover = (struct uefi_handover *)page.data;
	status = prepare(&firmware, &kernel, handover, &root);
	if (status == EFI_OK)
		status = firmware_exit(&firmware, handover);
	if (status != EFI_OK)
		return status;
	jump_to_kernel(root, (uint64_t)handover, kernel.entry);
}
