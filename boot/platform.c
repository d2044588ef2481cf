/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/platform.h"

#include "drv/acpi/cpu_list.h"
#include "drv/acpi/fadt.h"
#include "drv/acpi/madt.h"
#include "kernel/core/boot_info.h"
#include "kernel/core/irq.h"
#include "kernel/core/limits.h"
#include "kernel/core/log.h"
#include "kernel/core/power.h"
#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/cpus.h"
#include "mm/cpu_start.h"
#include "mm/kmap.h"

#define LAPIC_BYTES   0x1000u
#define IOAPIC_BYTES  0x1000u
#define POLARITY_LOW  3u
#define TRIGGER_LEVEL 3u

/* Tables stay mapped until the end of boot: they are few and small. */
static const void *map_table(void *context, uint64_t address, size_t len)
{
	(void)context;
	return kmap(phys(address), len, KMAP_READONLY);
}

static const struct acpi_source source = {.map = map_table};

static bool has_8042 = true;

/* Its table stays empty without a usable one. */
static struct madt madt;
static_assert(LIMIT_CPUS <= CPU_LIST_MAX, "a place for each");

bool platform_has_8042(void)
{
	return has_8042;
}

static bool open_tables(struct acpi_root *root)
{
	const struct boot_info *info = boot_info();

	if (!info->rsdp_len) {
		log_warn("acpi", "the loader gave no ACPI tables");
		return false;
	}
	enum err err = acpi_open(&source, info->rsdp, info->rsdp_len, root);
	if (err != OK)
		log_warn("acpi", "the root table is broken: %s", err_text(err));
	return err == OK;
}

/* S5 and the reset register; without them kernel/core/power.c has its fallbacks. */
static void read_power_hw(const struct acpi_fadt *fadt)
{
	struct power_hw hw = {.reset_value = fadt->reset_value};
	struct acpi_table dsdt;

	if (fadt->pm1a_control.space == ACPI_SPACE_PORT)
		hw.pm1a_port = (uint16_t)fadt->pm1a_control.address;
	if (fadt->pm1b_control.space == ACPI_SPACE_PORT)
		hw.pm1b_port = (uint16_t)fadt->pm1b_control.address;
	if (fadt->reset.space == ACPI_SPACE_PORT)
		hw.reset_port = (uint16_t)fadt->reset.address;
	if (acpi_open_table(&source, fadt->dsdt_address, "DSDT", &dsdt) == OK)
		hw.has_s5 = acpi_find_s5(&dsdt, &hw.sleep_type_a, &hw.sleep_type_b) == OK;
	power_init(&hw);
}

static void read_fadt_hw(const struct acpi_root *root, struct time_hw *hw)
{
	struct acpi_table table;
	struct acpi_fadt fadt;

	if (acpi_find(root, "FACP", &table) != OK || acpi_read_fadt(&table, &fadt) != OK) {
		log_warn("acpi", "no usable FADT: no PM timer, power-off by the fallback ports");
		return;
	}
	if (fadt.pm_timer.space == ACPI_SPACE_PORT)
		hw->pm_timer_port = (uint16_t)fadt.pm_timer.address;
	hw->pm_timer_32bit = fadt.pm_timer_is_32_bit;
	hw->rtc_century = fadt.rtc_century;
	has_8042 = fadt.has_8042;
	read_power_hw(&fadt);
}

static void add_ioapic(struct irq_hw *hw, const struct madt_entry *entry)
{
	if (hw->ioapic_count == IRQ_HW_IOAPICS) {
		log_warn("acpi", "IOAPIC at %lx left out: more than %u", entry->address,
			 IRQ_HW_IOAPICS);
		return;
	}
	volatile void *base = kmap(phys(entry->address), IOAPIC_BYTES, KMAP_DEVICE);
	if (!base) {
		log_warn("acpi", "IOAPIC at %lx cannot be mapped", entry->address);
		return;
	}
	hw->ioapics[hw->ioapic_count++] = (struct ioapic){.base = base, .gsi_base = entry->gsi};
}

static void add_override(struct irq_hw *hw, const struct madt_entry *entry)
{
	struct irq_isa_route *route = &hw->isa[entry->isa_irq % IRQ_HW_ISA_LINES];

	if (entry->isa_irq >= IRQ_HW_ISA_LINES)
		return;
	route->gsi = entry->gsi;
	route->flags = (MADT_POLARITY(entry->flags) == POLARITY_LOW ? IOAPIC_ACTIVE_LOW : 0) |
		       (MADT_TRIGGER(entry->flags) == TRIGGER_LEVEL ? IOAPIC_LEVEL : 0);
}

static void read_irq_hw(const struct acpi_root *root, struct irq_hw *hw)
{
	struct acpi_table table;
	struct madt_entry entry;
	struct madt reader;

	if (acpi_find(root, "APIC", &table) != OK || madt_begin(&table, &madt) != OK) {
		log_warn("acpi", "no usable MADT: device interrupts stay off");
		return;
	}
	reader = madt;
	while (madt_next(&reader, &entry)) {
		if (entry.kind == MADT_IOAPIC)
			add_ioapic(hw, &entry);
		else if (entry.kind == MADT_OVERRIDE)
			add_override(hw, &entry);
	}
}

void platform_init(void)
{
	static struct irq_hw irq_hw;
	struct time_hw time_hw = {0};
	struct acpi_root root;

	irq_hw_init(&irq_hw);
	if (open_tables(&root)) {
		read_fadt_hw(&root, &time_hw);
		read_irq_hw(&root, &irq_hw);
	}
	/* The CPU itself says where; the table may be wrong. */
	if (!cpu_has(CPU_X2APIC))
		irq_hw.lapic = kmap(phys(lapic_phys()), LAPIC_BYTES, KMAP_DEVICE);
	/* The local timer is calibrated too, so the local APIC comes first. */
	irq_init(&irq_hw);
	time_init(&time_hw);
}

void platform_add_cpus(void)
{
	struct cpu_list list;

	cpu_start_init(boot_info()->low_pages);
	cpu_list_read(madt, cpu_self()->apic_id, lapic_reaches, LIMIT_CPUS - 1, &list);
	if (list.unreachable)
		log_warn("acpi", "%u CPUs left out: no interrupt reaches them", list.unreachable);
	if (list.too_many)
		log_warn("acpi", "%u CPUs left out: more than %u", list.too_many, LIMIT_CPUS);
	for (uint32_t i = 0; i < list.count; i++) {
		enum err err = cpu_add(list.ids[i]);

		if (err != OK)
			log_err("cpu", "CPU with APIC %u is left out: %s", list.ids[i],
				err_text(err));
	}
}
