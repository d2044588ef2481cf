/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/fw_cfg.h"

#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

#define FW_CFG_PORT_SELECT 0x510 /* 16 bits wide */
#define FW_CFG_PORT_DATA   0x511 /* a byte at a time */

#define FW_CFG_SIGNATURE 0x0000
#define FW_CFG_DIRECTORY 0x0019

#define FW_CFG_NAME_BYTES 56
/* QEMU holds 32 files by default; more than this many is no directory of QEMU's. */
#define FW_CFG_FILES_MAX 4096

struct fw_cfg_file {
	uint32_t size;     /* big-endian */
	uint16_t selector; /* big-endian */
	uint16_t reserved;
	char name[FW_CFG_NAME_BYTES];
};
static_assert(sizeof(struct fw_cfg_file) == 64, "QEMU docs/specs/fw_cfg, FWCfgFile");

static void fw_cfg_select(uint16_t selector)
{
	outw(FW_CFG_PORT_SELECT, selector);
}

static void fw_cfg_take(void *to, size_t len)
{
	insb(FW_CFG_PORT_DATA, to, len);
}

bool fw_cfg_present(void)
{
	char signature[4];

	if (!cpu_has(CPU_HYPERVISOR))
		return false;
	fw_cfg_select(FW_CFG_SIGNATURE);
	fw_cfg_take(signature, sizeof(signature));
	return memcmp(signature, "QEMU", sizeof(signature)) == 0;
}

static enum err fw_cfg_find(const char *name, struct fw_cfg_file *file)
{
	uint32_t count = 0;

	fw_cfg_select(FW_CFG_DIRECTORY);
	fw_cfg_take(&count, sizeof(count));
	count = __builtin_bswap32(count);
	for (uint32_t i = 0; i < count && i < FW_CFG_FILES_MAX; i++) {
		fw_cfg_take(file, sizeof(*file));
		file->name[FW_CFG_NAME_BYTES - 1] = '\0';
		if (strcmp(file->name, name) == 0)
			return OK;
	}
	return ERR_NOENT;
}

enum err fw_cfg_read(const char *name, void *buffer, size_t size, size_t *len)
{
	struct fw_cfg_file file = {0};
	enum err err;
	uint32_t bytes;

	if (!fw_cfg_present())
		return ERR_NODEV;
	err = fw_cfg_find(name, &file);
	if (err != OK)
		return err;
	bytes = __builtin_bswap32(file.size);
	if (bytes > size)
		return ERR_2BIG;
	fw_cfg_select(__builtin_bswap16(file.selector));
	fw_cfg_take(buffer, bytes);
	*len = bytes;
	return OK;
}
