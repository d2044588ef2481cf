/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the volume that the stub was loaded from. */
#include "boot/uefi/firmware.h"

static const struct efi_guid LOADED_IMAGE_GUID = {
	0x5b1b31a1, 0x9562, 0x11d2, {0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};
static const struct efi_guid FILE_SYSTEM_GUID = {
	0x964e5b22, 0x6459, 0x11d2, {0x8e, 0x39, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b}};

/* The size is what set_position(the end) says: no second structure to read. */
static const uint64_t POSITION_END = 0xffffffffffffffffull;
static const uint64_t FILE_MAX = 1ull << 31;

static uint64_t open_root(const struct firmware *firmware, struct efi_file **root)
{
	struct efi_boot_services *boot = firmware->system->boot;
	struct efi_loaded_image *image;
	struct efi_file_system *volume;
	uint64_t status;

	status = boot->handle_protocol(firmware->image, &LOADED_IMAGE_GUID, (void **)&image);
	if (status == EFI_OK)
		status = boot->handle_protocol(image->device, &FILE_SYSTEM_GUID, (void **)&volume);
	if (status == EFI_OK)
		status = volume->open_volume(volume, root);
	if (status != EFI_OK) {
		firmware_say(firmware, L"cannot read the boot volume", L"");
		return EFI_LOAD_ERROR;
	}
	return EFI_OK;
}

static uint64_t read_size(struct efi_file *file, uint64_t *size)
{
	uint64_t status = file->set_position(file, POSITION_END);

	if (status == EFI_OK)
		status = file->get_position(file, size);
	if (status == EFI_OK)
		status = file->set_position(file, 0);
	if (status == EFI_OK && *size > FILE_MAX)
		status = EFI_OUT_OF_RESOURCES;
	return status;
}

static uint64_t read_open(const struct firmware *firmware, struct efi_file *file,
			  const wchar_t *path, struct buffer *buffer)
{
	struct buffer whole;
	uint64_t size, status = read_size(file, &size);

	if (status != EFI_OK)
		return firmware_refuse(firmware, EFI_LOAD_ERROR, L"cannot read ", path);
	status =
		firmware_allocate(firmware, (size + EFI_PAGE - 1) / EFI_PAGE + (size == 0), &whole);
	if (status != EFI_OK)
		return status;
	whole.len = size;
	status = file->read(file, &whole.len, whole.data);
	if (status != EFI_OK || whole.len != size) {
		firmware_free(firmware, &whole);
		return firmware_refuse(firmware, EFI_LOAD_ERROR, L"cannot read ", path);
	}
	*buffer = whole;
	return EFI_OK;
}

uint64_t firmware_read(const struct firmware *firmware, const wchar_t *path, struct buffer *buffer)
{
	struct efi_file *root = NULL, *file = NULL;
	uint64_t status = open_root(firmware, &root);

	if (status != EFI_OK)
		return status;
	status = root->open(root, &file, path, EFI_FILE_READ, 0);
	if (status == EFI_OK) {
		status = read_open(firmware, file, path, buffer);
		file->close(file);
	} else if (status != EFI_NOT_FOUND) {
		firmware_refuse(firmware, status, L"cannot open ", path);
	}
	root->close(root);
	return status;
}
