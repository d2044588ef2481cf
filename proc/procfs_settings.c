/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/sys, for reading, and lists of what there is: character devices, and no disks. */
#include "drv/chardev.h"
#include "kernel/core/panic.h"
#include "kernel/core/random.h"
#include "mm/space/space.h"
#include "proc/pid.h"
#include "proc/procfs_internal.h"
#include "proc/uts.h"
#include "sec/cred.h"
#include "sec/handle.h"

#define UUID_BYTES       16u
#define UUID_VERSION     0x40u /* 4: drawn at random */
#define UUID_VARIANT     0x80u
#define AREAS_MAX        65530u
#define RANDOM_POOL      256u
#define COMMIT_IS_STRICT 2u /* vm.overcommit_memory: what is promised can be had */

static uint8_t boot_id[UUID_BYTES];

static void draw_uuid(uint8_t uuid[UUID_BYTES])
{
	random_bytes(uuid, UUID_BYTES);
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | UUID_VERSION);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | UUID_VARIANT);
}

static enum err print_uuid(struct procfs_text *text, const uint8_t uuid[UUID_BYTES])
{
	for (unsigned i = 0; i < UUID_BYTES; i++)
		procfs_print(text, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
			     uuid[i]);
	procfs_print(text, "\n");
	return OK;
}

static enum err show_uuid(struct procfs_text *text, const struct procfs_subject *subject)
{
	uint8_t uuid[UUID_BYTES];

	(void)subject;
	draw_uuid(uuid);
	return print_uuid(text, uuid);
}

static enum err show_boot_id(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	return print_uuid(text, boot_id);
}

static enum err print_name(struct procfs_text *text, enum uts_name which)
{
	char name[UTS_FIELD_BYTES];

	uts_get(which, name);
	procfs_print(text, "%s\n", name);
	return OK;
}

static enum err show_hostname(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	return print_name(text, UTS_HOST);
}

static enum err show_domainname(struct procfs_text *text, const struct procfs_subject *subject)
{
	(void)subject;
	return print_name(text, UTS_DOMAIN);
}

/* A file of one line that never changes. */
#define CONSTANT(name, ...)                                               \
	static enum err show_##name(struct procfs_text *text,             \
				    const struct procfs_subject *subject) \
	{                                                                 \
		(void)subject;                                            \
		procfs_print(text, __VA_ARGS__);                          \
		return OK;                                                \
	}
#define FILE_NODE(name_, show_)                                          \
	{                                                                \
		.name = (name_), .mode = S_IFREG | 0444, .show = (show_) \
	}
#define DIR_NODE(name_, nodes_)                                               \
	{                                                                     \
		.name = (name_), .mode = S_IFDIR | 0555, .children = (nodes_) \
	}

CONSTANT(ostype, UTS_SYSTEM "\n")
CONSTANT(osrelease, UTS_RELEASE "\n")
CONSTANT(uts_version, UTS_VERSION "\n")
CONSTANT(pid_max, "%u\n", PID_MAX)
CONSTANT(ngroups_max, "%u\n", CRED_GROUPS_MAX)
CONSTANT(pool, "%u\n", RANDOM_POOL)
CONSTANT(overcommit, "%u\n", COMMIT_IS_STRICT)
CONSTANT(map_count, "%u\n", AREAS_MAX)
CONSTANT(nr_open, "%u\n", HANDLE_TABLE_MAX)
CONSTANT(swaps, "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n")
CONSTANT(partitions, "major minor  #blocks  name\n\n")

static const struct procfs_node random_nodes[] = {
	FILE_NODE("boot_id", show_boot_id),
	FILE_NODE("entropy_avail", show_pool),
	FILE_NODE("poolsize", show_pool),
	FILE_NODE("uuid", show_uuid),
	{},
};

static const struct procfs_node kernel_nodes[] = {
	FILE_NODE("domainname", show_domainname),
	FILE_NODE("hostname", show_hostname),
	FILE_NODE("ngroups_max", show_ngroups_max),
	FILE_NODE("osrelease", show_osrelease),
	FILE_NODE("ostype", show_ostype),
	FILE_NODE("pid_max", show_pid_max),
	DIR_NODE("random", random_nodes),
	FILE_NODE("version", show_uts_version),
	{},
};

static const struct procfs_node vm_nodes[] = {
	FILE_NODE("max_map_count", show_map_count),
	FILE_NODE("overcommit_memory", show_overcommit),
	{},
};

static const struct procfs_node fs_nodes[] = {FILE_NODE("nr_open", show_nr_open), {}};

static const struct procfs_node sys_nodes[] = {
	DIR_NODE("fs", fs_nodes),
	DIR_NODE("kernel", kernel_nodes),
	DIR_NODE("vm", vm_nodes),
	{},
};

struct devices {
	struct procfs_text *text;
	uint32_t last_major;
};

/* One line for each major number, by the first device that has it. */
static void print_device(const struct chardev *device, void *context)
{
	struct devices *devices = context;

	if (!device->name || device->major == devices->last_major)
		return;
	devices->last_major = device->major;
	procfs_print(devices->text, "%3u %s\n", device->major, device->name);
}

static enum err show_devices(struct procfs_text *text, const struct procfs_subject *subject)
{
	struct devices devices = {.text = text};

	(void)subject;
	procfs_print(text, "Character devices:\n");
	chardev_for_each(print_device, &devices);
	procfs_print(text, "\nBlock devices:\n");
	return OK;
}

void procfs_register_settings(void)
{
	static const struct procfs_node nodes[] = {
		FILE_NODE("devices", show_devices),
		FILE_NODE("partitions", show_partitions),
		FILE_NODE("swaps", show_swaps),
		DIR_NODE("sys", sys_nodes),
	};

	draw_uuid(boot_id);
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		if (procfs_register(&nodes[i]))
			panic("procfs: no memory");
	}
}
