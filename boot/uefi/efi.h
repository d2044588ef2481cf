/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * As much of UEFI 2.10 as the stub calls; section numbers are the specification's. Members which it
 * does not call are void pointers. Strings are UTF-16: the stub is compiled with -fshort-wchar.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EFIAPI __attribute__((ms_abi))

/* Appendix D */
#define EFI_ERROR_BIT          0x8000000000000000ull
#define EFI_OK                 0ull
#define EFI_LOAD_ERROR         (EFI_ERROR_BIT | 1)
#define EFI_UNSUPPORTED        (EFI_ERROR_BIT | 3)
#define EFI_BUFFER_TOO_SMALL   (EFI_ERROR_BIT | 5)
#define EFI_OUT_OF_RESOURCES   (EFI_ERROR_BIT | 9)
#define EFI_NOT_FOUND          (EFI_ERROR_BIT | 14)
#define EFI_SECURITY_VIOLATION (EFI_ERROR_BIT | 26)

enum efi_constants {
	EFI_PAGE = 4096,
	EFI_ALLOCATE_MAX_ADDRESS = 1,
	EFI_LOADER_DATA = 2,
	EFI_FILE_READ = 1,
	EFI_PIXEL_RGBX = 0,
	EFI_PIXEL_BGRX = 1,
};

struct efi_guid {
	uint32_t a;
	uint16_t b, c;
	uint8_t d[8];
};

/* 12.4 */
struct efi_text_output {
	void *reset;
	uint64_t(EFIAPI *output_string)(struct efi_text_output *this, const wchar_t *text);
};

struct efi_table_header {
	uint64_t signature;
	uint32_t revision, size, crc32, reserved;
};

/* 4.4: the calls up to ExitBootServices and a few behind it */
struct efi_boot_services {
	struct efi_table_header header;
	void *raise_tpl, *restore_tpl;
	uint64_t(EFIAPI *allocate_pages)(uint32_t how, uint32_t type, uint64_t pages,
					 uint64_t *address);
	uint64_t(EFIAPI *free_pages)(uint64_t address, uint64_t pages);
	uint64_t(EFIAPI *get_memory_map)(uint64_t *size, void *map, uint64_t *key, uint64_t *stride,
					 uint32_t *version);
	void *allocate_pool, *free_pool;
	void *create_event, *set_timer, *wait_for_event, *signal_event, *close_event, *check_event;
	void *install_protocol, *reinstall_protocol, *uninstall_protocol;
	uint64_t(EFIAPI *handle_protocol)(void *handle, const struct efi_guid *guid,
					  void **interface);
	void *reserved, *register_protocol_notify, *locate_handle, *locate_device_path;
	void *install_configuration_table;
	void *load_image, *start_image, *exit, *unload_image;
	uint64_t(EFIAPI *exit_boot_services)(void *image, uint64_t key);
	void *get_next_monotonic_count, *stall, *set_watchdog_timer;
	void *connect_controller, *disconnect_controller;
	void *open_protocol, *close_protocol, *open_protocol_information;
	void *protocols_per_handle, *locate_handle_buffer;
	uint64_t(EFIAPI *locate_protocol)(const struct efi_guid *guid, void *registration,
					  void **interface);
};

/* 4.5 */
struct efi_runtime_services {
	struct efi_table_header header;
	void *get_time, *set_time, *get_wakeup_time, *set_wakeup_time;
	void *set_virtual_address_map, *convert_pointer;
	uint64_t(EFIAPI *get_variable)(const wchar_t *name, const struct efi_guid *vendor,
				       uint32_t *attributes, uint64_t *size, void *data);
};

struct efi_configuration_table {
	struct efi_guid guid;
	void *table;
};

/* 4.3 */
struct efi_system_table {
	struct efi_table_header header;
	const wchar_t *vendor;
	uint32_t firmware_revision;
	void *in_handle, *in, *out_handle;
	struct efi_text_output *out;
	void *err_handle, *err;
	struct efi_runtime_services *runtime;
	struct efi_boot_services *boot;
	uint64_t table_count;
	struct efi_configuration_table *tables;
};

/* 9.1 */
struct efi_loaded_image {
	uint32_t revision;
	void *parent;
	struct efi_system_table *system;
	void *device;
};

/* 13.5 */
struct efi_file {
	uint64_t revision;
	uint64_t(EFIAPI *open)(struct efi_file *this, struct efi_file **file, const wchar_t *name,
			       uint64_t mode, uint64_t attributes);
	uint64_t(EFIAPI *close)(struct efi_file *this);
	void *remove;
	uint64_t(EFIAPI *read)(struct efi_file *this, uint64_t *size, void *buffer);
	void *write;
	uint64_t(EFIAPI *get_position)(struct efi_file *this, uint64_t *position);
	uint64_t(EFIAPI *set_position)(struct efi_file *this, uint64_t position);
};

struct efi_file_system {
	uint64_t revision;
	uint64_t(EFIAPI *open_volume)(struct efi_file_system *this, struct efi_file **root);
};

/* 12.9 */
struct efi_graphics_mode {
	uint32_t version, width, height, format;
	uint32_t masks[4];
	uint32_t pixels_per_line;
};

struct efi_graphics {
	void *query_mode, *set_mode, *blt;
	struct {
		uint32_t max, mode;
		struct efi_graphics_mode *info;
		uint64_t info_size;
		uint64_t fb_phys, fb_size;
	} * mode;
};

/* 37.5 */
struct efi_rng {
	void *get_info;
	uint64_t(EFIAPI *get)(struct efi_rng *this, const struct efi_guid *algorithm, uint64_t len,
			      void *to);
};
