/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/lib/compiler.h"
#include "kernel/lib/string.h"

#include "kernel/core/clock_internal.h"
#include "kernel/x86/io.h"

/* MC146818 real-time clock, read at boot only. */
#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define CMOS_SECOND 0x00
#define CMOS_MINUTE 0x02
#define CMOS_HOUR   0x04
#define CMOS_DAY    0x07
#define CMOS_MONTH  0x08
#define CMOS_YEAR   0x09
#define CMOS_A      0x0a
#define CMOS_B      0x0b

#define CMOS_A_UPDATING 0x80u
#define CMOS_B_24H      0x02u
#define CMOS_B_BINARY   0x04u
#define CMOS_HOUR_PM    0x80u

#define READ_TRIES 10000u

static uint8_t cmos_read(uint8_t reg)
{
	outb(CMOS_INDEX, reg | 0x80); /* bit 7: NMI off while the index is set */
	return inb(CMOS_DATA);
}

static unsigned number(uint8_t value, unsigned control)
{
	return control & CMOS_B_BINARY ? value : (value & 15u) + (value >> 4) * 10u;
}

static bool is_number(uint8_t value, unsigned control)
{
	return control & CMOS_B_BINARY || ((value & 15) < 10 && value >> 4 < 10);
}

static void read_once(struct cmos_time *raw, uint8_t century_register)
{
	for (unsigned i = 0; i < READ_TRIES && cmos_read(CMOS_A) & CMOS_A_UPDATING; i++)
		;
	*raw = (struct cmos_time){
		.second = cmos_read(CMOS_SECOND),
		.minute = cmos_read(CMOS_MINUTE),
		.hour = cmos_read(CMOS_HOUR),
		.day = cmos_read(CMOS_DAY),
		.month = cmos_read(CMOS_MONTH),
		.year = cmos_read(CMOS_YEAR),
		.century = century_register ? cmos_read(century_register) : 0,
	};
}

uint64_t clock_days(unsigned year, unsigned month, unsigned day)
{
	/* Years begin in March, so that the leap day is the last one. */
	unsigned shifted_year = month > 2 ? year : year - 1;
	unsigned shifted_month = month > 2 ? month - 3 : month + 9;
	uint64_t leap_days = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;

	return 365ull * shifted_year + leap_days + (153 * shifted_month + 2) / 5 + day - 1 - 719468;
}

/* 12 stands for 0 on a clock of twelve hours, and bit 7 for the afternoon. */
static unsigned decode_hour(uint8_t raw, unsigned control)
{
	if (control & CMOS_B_24H)
		return number(raw, control);
	return number(raw & (uint8_t)~CMOS_HOUR_PM, control) % 12 + (raw & CMOS_HOUR_PM ? 12 : 0);
}

/* Some firmware leaves the register of the century to chance: then it is this one. */
static unsigned decode_year(const struct cmos_time *raw, unsigned control)
{
	unsigned century = number(raw->century, control);

	return (century >= 20 && century < 23 ? century : 20) * 100 + number(raw->year, control);
}

uint64_t clock_decode_cmos(const struct cmos_time *raw, unsigned control)
{
	const uint8_t parts[] = {raw->second, raw->minute, raw->hour & (uint8_t)~CMOS_HOUR_PM,
				 raw->day,    raw->month,  raw->year};
	unsigned second = number(raw->second, control);
	unsigned minute = number(raw->minute, control);
	unsigned hour = decode_hour(raw->hour, control);
	unsigned day = number(raw->day, control);
	unsigned month = number(raw->month, control);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (!is_number(parts[i], control))
			return 0;
	if (second > 60 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 ||
	    month > 12)
		return 0;
	return clock_days(decode_year(raw, control), month, day) * 86400 + hour * 3600ull +
	       minute * 60ull + second;
}

uint64_t clock_read_cmos(uint8_t century_register)
{
	unsigned control = cmos_read(CMOS_B);
	struct cmos_time one, other;

	/* Two equal readings: no update came between the registers. */
	read_once(&other, century_register);
	for (unsigned i = 0; i < READ_TRIES; i++) {
		one = other;
		read_once(&other, century_register);
		if (!memcmp(&one, &other, sizeof(one)))
			break;
	}
	outb(CMOS_INDEX, 0); /* NMI on again */
	return clock_decode_cmos(&other, control);
}
