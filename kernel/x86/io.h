/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* Port input and output, and memory-mapped registers. Context: any. */
#include "kernel/lib/compiler.h"
#include "kernel/lib/types.h"

static __always_inline void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __always_inline void outw(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __always_inline void outl(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static __always_inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static __always_inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static __always_inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

/* Reads `len` bytes from one port, as fw_cfg's data register wants it. */
static __always_inline void insb(uint16_t port, void *to, size_t len)
{
	__asm__ volatile("rep insb" : "+D"(to), "+c"(len) : "d"(port) : "memory");
}

static __always_inline uint32_t mmio_read32(const volatile void *at)
{
	return *(const volatile uint32_t *)at;
}

static __always_inline void mmio_write32(volatile void *at, uint32_t value)
{
	*(volatile uint32_t *)at = value;
}
