/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/*
 * The FADT ("FACP") and the DSDT's \_S5_: power-off, reset, the PM timer; ACPI 6.4, 5.2.9. And
 * the HPET table (IA-PC HPET specification 1.0a, 3.2.4). Pure.
 */
#include "drv/acpi/tables.h"

enum acpi_space {
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_PORT = 1,
};

/* A register; address 0: there is none. */
struct acpi_register {
	enum acpi_space space;
	uint64_t address; /* a port is below 0x10000 */
};

struct acpi_fadt {
	uint64_t dsdt_address;
	uint32_t smi_command_port; /* 0: none, ACPI mode is always on */
	uint8_t acpi_enable;       /* what to write there to get ACPI mode */
	uint8_t acpi_disable;
	struct acpi_register pm_timer;
	bool pm_timer_is_32_bit;
	struct acpi_register pm1a_control;
	struct acpi_register pm1b_control;
	struct acpi_register reset;
	uint8_t reset_value;
	uint8_t rtc_century; /* the CMOS clock's register of the century; 0: it has none */
	bool has_8042;       /* also true where the table is too old to say */
};

struct acpi_hpet {
	uint64_t address; /* physical, page-aligned */
	uint16_t min_tick;
};

/** Read the FADT. Return: OK; ERR_INVAL for one shorter than revision 1. */
enum err acpi_read_fadt(const struct acpi_table *table, struct acpi_fadt *fadt);

/** Read the HPET table. Return: OK; ERR_INVAL for a short table or one without memory address. */
enum err acpi_read_hpet(const struct acpi_table *table, struct acpi_hpet *hpet);

/**
 * Search a DSDT (or SSDT) for `Name (\_S5_, Package { typ_a, typ_b … })`.
 *
 * Return: OK with the SLP_TYP values, each 0-7, for PM1a and PM1b; ERR_NOENT.
 */
enum err acpi_find_s5(const struct acpi_table *dsdt, uint8_t *typ_a, uint8_t *typ_b);
