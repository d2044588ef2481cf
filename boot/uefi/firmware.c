/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/uefi/firmware.h"

#include "boot/uefi/memory.h"

enum {
	MAP_SLACK = 16, /* descriptors: allocating the map's own buffer adds to the map */
	EXIT_TRIES = 8,
};

static const uint64_t BELOW_4_GIB = 0xffffffffull;

static const struct efi_guid ACPI_1_GUID = {
	0xeb9d2d30, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const struct efi_guid ACPI_2_GUID = {
	0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
static const struct efi_guid GRAPHICS_GUID = {
	0x9042a9de, 0x23dc, 0x4a38, {0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a}};
static const struct efi_guid RNG_GUID = {
	0x3152bca5, 0xeade, 0x433d, {0x86, 0x2e, 0xc0, 0x1c, 0xdc, 0x29, 0x1f, 0x44}};
static const struct efi_guid VARIABLE_GUID = {
	0x8be4df61, 0x93ca, 0x11d2, {0xaa, 0x0d, 0x00, 0xe0, 0x98, 0x03, 0x2b, 0x8c}};

void firmware_say(const struct firmware *firmware, const wchar_t *what, const wchar_t *detail)
{
	struct efi_text_output *out = firmware->system->out;

	if (!out)
		return;
	out->output_string(out, L"Bartizan: ");
	out->output_string(out, what);
	out->output_string(out, detail);
	out->output_string(out, L"\r\n");
}

uint64_t firmware_refuse(const struct firmware *firmware, uint64_t status, const wchar_t *what,
			 const wchar_t *detail)
{
	firmware_say(firmware, what, detail);
	return status;
}

uint64_t firmware_allocate(const struct firmware *firmware, uint64_t pages, struct buffer *buffer)
{
	uint64_t address = BELOW_4_GIB;
	uint64_t status = firmware->system->boot->allocate_pages(EFI_ALLOCATE_MAX_ADDRESS,
								 EFI_LOADER_DATA, pages, &address);

	if (status != EFI_OK)
		return firmware_refuse(firmware, EFI_OUT_OF_RESOURCES,
				       L"not enough memory below 4 GiB", L"");
	*buffer = (struct buffer){(uint8_t *)address, pages * EFI_PAGE, pages};
	memset(buffer->data, 0, buffer->len);
	return EFI_OK;
}

void firmware_free(const struct firmware *firmware, struct buffer *buffer)
{
	firmware->system->boot->free_pages((uint64_t)buffer->data, buffer->pages);
	*buffer = (struct buffer){0};
}

bool firmware_secure_boot(const struct firmware *firmware)
{
	uint8_t on = 0;
	uint64_t size = sizeof(on);
	uint64_t status = firmware->system->runtime->get_variable(L"SecureBoot", &VARIABLE_GUID,
								  NULL, &size, &on);

	return status == EFI_OK && on == 1;
}

static uint64_t find_table(const struct efi_system_table *system, const struct efi_guid *guid)
{
	for (uint64_t i = 0; i < system->table_count; i++)
		if (memcmp(&system->tables[i].guid, guid, sizeof(*guid)) == 0)
			return (uint64_t)system->tables[i].table;
	return 0;
}

static void describe_screen(const struct firmware *firmware, struct uefi_handover *handover)
{
	struct efi_graphics *graphics;

	if (firmware->system->boot->locate_protocol(&GRAPHICS_GUID, NULL, (void **)&graphics))
		return;
	const struct efi_graphics_mode *mode = graphics->mode->info;
	if (mode->format != EFI_PIXEL_RGBX && mode->format != EFI_PIXEL_BGRX)
		return;
	handover->fb_phys = graphics->mode->fb_phys;
	handover->fb_width = mode->width;
	handover->fb_height = mode->height;
	handover->fb_pitch = mode->pixels_per_line * 4;
	handover->fb_format = mode->format == EFI_PIXEL_BGRX ? UEFI_FB_BGRX : UEFI_FB_RGBX;
}

static void gather_entropy(const struct firmware *firmware, struct uefi_handover *handover)
{
	struct efi_rng *rng;

	if (firmware->system->boot->locate_protocol(&RNG_GUID, NULL, (void **)&rng))
		return;
	if (rng->get(rng, NULL, sizeof(handover->entropy), handover->entropy) == EFI_OK)
		handover->entropy_len = sizeof(handover->entropy);
}

void firmware_describe(const struct firmware *firmware, struct uefi_handover *handover)
{
	handover->rsdp_phys = find_table(firmware->system, &ACPI_2_GUID);
	if (!handover->rsdp_phys)
		handover->rsdp_phys = find_table(firmware->system, &ACPI_1_GUID);
	describe_screen(firmware, handover);
	gather_entropy(firmware, handover);
}

/* Room for the memory map as it will be. */
static uint64_t allocate_map(const struct firmware *firmware, struct buffer *map)
{
	uint64_t size = 0, key, stride = 0;
	uint32_t version;

	firmware->system->boot->get_memory_map(&size, NULL, &key, &stride, &version);
	if (size == 0 || stride == 0)
		return firmware_refuse(firmware, EFI_LOAD_ERROR, L"no memory map", L"");
	size += MAP_SLACK * stride;
	return firmware_allocate(firmware, (size + EFI_PAGE - 1) / EFI_PAGE, map);
}

/* A map that is no longer true makes the exit fail, and then only these two calls may follow. */
uint64_t firmware_exit(const struct firmware *firmware, struct uefi_handover *handover)
{
	struct efi_boot_services *boot = firmware->system->boot;
	struct buffer map;
	uint64_t status = allocate_map(firmware, &map);

	if (status != EFI_OK)
		return status;
	for (int i = 0; i < EXIT_TRIES; i++) {
		uint64_t size = map.len, key, stride;
		uint32_t version;
		status = boot->get_memory_map(&size, map.data, &key, &stride, &version);
		if (status != EFI_OK)
			break;
		handover->map_phys = (uint64_t)map.data;
		handover->map_size = size;
		handover->map_stride = stride;
		status = boot->exit_boot_services(firmware->image, key);
		if (status == EFI_OK)
			return EFI_OK;
	}
	return status;
}
