/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/pvh/display.h"

#include "kernel/x86/io.h"

/* PCI local bus specification 3.0, 3.2.2.3.2 and 6.1. */
#define PCI_ADDRESS   0xcf8
#define PCI_DATA      0xcfc
#define PCI_ENABLE    0x80000000u
#define PCI_DEVICES   32u
#define PCI_COMMAND   0x04u
#define PCI_BAR0      0x10u
#define PCI_MEMORY_ON 0x2u
#define BAR_KIND_BITS 0xfu /* zero but for the prefetchable bit: memory below 4 GiB */
#define BAR_PREFETCH  0x8u
#define QEMU_STD_VGA  0x11111234u

/* QEMU's docs/specs/standard-vga.rst: the Bochs VBE interface. */
#define DISPI_INDEX     0x1ce
#define DISPI_DATA      0x1cf
#define DISPI_ID        0
#define DISPI_WIDTH     1
#define DISPI_HEIGHT    2
#define DISPI_BITS      3
#define DISPI_ENABLE    4
#define DISPI_LINE      6  /* pixels from line to line */
#define DISPI_MEMORY    10 /* in units of 64 KiB */
#define DISPI_VERSION_5 0xb0c5
#define DISPI_ON_LINEAR 0x41

#define WIDTH      1280u
#define HEIGHT     800u
#define PIXEL_BITS 32u

static uint32_t pci_read(uint32_t device, uint32_t offset)
{
	outl(PCI_ADDRESS, PCI_ENABLE | device << 11 | offset);
	return inl(PCI_DATA);
}

static uint16_t dispi_read(uint16_t index)
{
	outw(DISPI_INDEX, index);
	return inw(DISPI_DATA);
}

static void dispi_write(uint16_t index, uint16_t value)
{
	outw(DISPI_INDEX, index);
	outw(DISPI_DATA, value);
}

/* The address of the adapter's memory, or 0. */
static uint32_t find_memory(void)
{
	for (uint32_t device = 0; device < PCI_DEVICES; device++) {
		uint32_t bar;

		if (pci_read(device, 0) != QEMU_STD_VGA)
			continue;
		bar = pci_read(device, PCI_BAR0);
		if (!(pci_read(device, PCI_COMMAND) & PCI_MEMORY_ON) ||
		    (bar & BAR_KIND_BITS & ~BAR_PREFETCH))
			return 0;
		return bar & ~BAR_KIND_BITS;
	}
	return 0;
}

void display_find(struct boot_framebuffer *framebuffer)
{
	uint32_t memory = find_memory();

	if (!memory || dispi_read(DISPI_ID) != DISPI_VERSION_5 ||
	    (uint64_t)dispi_read(DISPI_MEMORY) << 16 < WIDTH * HEIGHT * PIXEL_BITS / 8)
		return;
	dispi_write(DISPI_ENABLE, 0);
	dispi_write(DISPI_WIDTH, WIDTH);
	dispi_write(DISPI_HEIGHT, HEIGHT);
	dispi_write(DISPI_BITS, PIXEL_BITS);
	dispi_write(DISPI_ENABLE, DISPI_ON_LINEAR);
	if (dispi_read(DISPI_LINE) != WIDTH)
		return;
	*framebuffer = (struct boot_framebuffer){
		.phys = memory,
		.width = WIDTH,
		.height = HEIGHT,
		.pitch = WIDTH * PIXEL_BITS / 8,
		.bits_per_pixel = PIXEL_BITS,
		.red = {16, 8},
		.green = {8, 8},
		.blue = {0, 8},
	};
}
