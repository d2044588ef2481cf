/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/platform.h"

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

/* Where the local APIC is unless the MADT says otherwise: SDM vol 3, 10.4.1. */
#define LAPIC_DEFAULT_PHYS 0xfee00000ull
#define LAPIC_BYTES        0x1000u
#define IOAPIC_BYTES       0x1000u
#define POLARITY_LOW       3u
#define TRIGGER_LEVEL      3u

/* Tables stay mapped until the end of boot: they are few and small. */
static const void *map_table(void *context, uint64_t address, size_t len)
{
	(void)context;
	return kmap(phys(address), len, KMAP_READONLY);
}

static const struct acpi_source source = {.map = map_table};

static bool has_8042 = true;

/* The APICs of the CPUs that may run, in the order of the table. */
static uint32_t apic_ids[LIMIT_CPUS];
static size_t apic_id_count;

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

static void add_cpu(const struct madt_entry *entry)
{
	if (!entry->enabled)
		return;
	for (size_t i = 0; i < apic_id_count; i++)
		if (apic_ids[i] == entry->apic_id)
			return;
	if (apic_id_count == LIMIT_CPUS)
		log_warn("acpi", "CPU with APIC %u left out: more than %u", entry->apic_id,
			 LIMIT_CPUS);
	else
		apic_ids[apic_id_count++] = entry->apic_id;
}

/* Returns the local APIC's address. */
static uint64_t read_irq_hw(const struct acpi_root *root, struct irq_hw *hw)
{
	struct acpi_table table;
	struct madt madt;
	struct madt_entry entry;

	if (acpi_find(root, "APIC", &table) != OK || madt_begin(&table, &madt) != OK) {
		log_warn("acpi", "no usable MADT: device interrupts stay off");
		return LAPIC_DEFAULT_PHYS;
	}
	while (madt_next(&madt, &entry)) {
		if (entry.kind == MADT_IOAPIC)
			add_ioapic(hw, &entry);
		else if (entry.kind == MADT_OVERRIDE)
			add_override(hw, &entry);
		else if (entry.kind == MADT_LAPIC || entry.kind == MADT_X2APIC)
			add_cpu(&entry);
	}
	return madt.lapic_address;
}

void platform_init(void)
{
	static struct irq_hw irq_hw;
	struct time_hw time_hw = {0};
	uint64_t lapic_phys = LAPIC_DEFAULT_PHYS;
	struct acpi_root root;

	irq_hw_init(&irq_hw);
	if (open_tables(&root)) {
		read_fadt_hw(&root, &time_hw);
		lapic_phys = read_irq_hw(&root, &irq_hw);
	}
	if (!cpu_has(CPU_X2APIC))
		irq_hw.lapic = kmap(phys(lapic_phys), LAPIC_BYTES, KMAP_DEVICE);
	/* The local timer is calibrated too, so the local APIC comes first. */
	irq_init(&irq_hw);
	time_init(&time_hw);
}

/* The one that runs is in the table, too. */
void platform_add_cpus(void)
{
	cpu_start_init(boot_info()->low_pages);
	for (size_t i = 0; i < apic_id_count; i++) {
		enum err err = OK;

		if (apic_ids[i] != cpu_self()->apic_id)
			err = cpu_add(apic_ids[i]);
		if (err != OK)
			log_err("cpu", "CPU with APIC %u is left out: %s", apic_ids[i],
				err_text(err));
	}
}
