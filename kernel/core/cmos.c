/* SPDX-License-Identifier: BSD-2-Clause */
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

struct cmos_time {
	unsigned second, minute, hour, day, month, year;
};

static unsigned cmos_read(uint8_t reg)
{
	outb(CMOS_INDEX, reg | 0x80); /* bit 7: NMI off while the index is set */
	return inb(CMOS_DATA);
}

static unsigned cmos_decode(unsigned value, unsigned control)
{
	return control & CMOS_B_BINARY ? value : (value & 15) + (value >> 4) * 10;
}

static void cmos_read_raw(struct cmos_time *raw)
{
	for (unsigned i = 0; i < READ_TRIES && cmos_read(CMOS_A) & CMOS_A_UPDATING; i++)
		;
	raw->second = cmos_read(CMOS_SECOND);
	raw->minute = cmos_read(CMOS_MINUTE);
	raw->hour = cmos_read(CMOS_HOUR);
	raw->day = cmos_read(CMOS_DAY);
	raw->month = cmos_read(CMOS_MONTH);
	raw->year = cmos_read(CMOS_YEAR);
}

uint64_t clock_days(unsigned year, unsigned month, unsigned day)
{
	/* Years begin in March, so that the leap day is the last one. */
	unsigned shifted_year = month > 2 ? year : year - 1;
	unsigned shifted_month = month > 2 ? month - 3 : month + 9;
	uint64_t leap_days = shifted_year / 4 - shifted_year / 100 + shifted_year / 400;

	return 365ull * shifted_year + leap_days + (153 * shifted_month + 2) / 5 + day - 1 - 719468;
}

uint64_t clock_read_cmos(void)
{
	unsigned control = cmos_read(CMOS_B);
	struct cmos_time a, b;

	/* Two equal readings: no update came between the registers. */
	cmos_read_raw(&b);
	for (unsigned i = 0; i < 8; i++) {
		a = b;
		cmos_read_raw(&b);
		if (a.second == b.second && a.minute == b.minute && a.hour == b.hour)
			break;
	}
	unsigned second = cmos_decode(b.second, control);
	unsigned minute = cmos_decode(b.minute, control);
	unsigned hour = cmos_decode(b.hour & ~CMOS_HOUR_PM, control);
	unsigned day = cmos_decode(b.day, control);
	unsigned month = cmos_decode(b.month, control);
	unsigned year = 2000 + cmos_decode(b.year, control);

	if (!(control & CMOS_B_24H))
		hour = hour % 12 + (b.hour & CMOS_HOUR_PM ? 12 : 0);
	outb(CMOS_INDEX, 0); /* NMI on again */
	if (second > 60 || minute > 59 || hour > 23 || day < 1 || day > 31 || month < 1 ||
	    month > 12)
		return 0;
	return clock_days(year, month, day) * 86400 + hour * 3600ull + minute * 60ull + second;
}
