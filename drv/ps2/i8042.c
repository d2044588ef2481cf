/* SPDX-License-Identifier: BSD-2-Clause */
/* The keyboard's half of the 8042: IBM PS/2 hardware interface technical reference, 1990. */
#include "drv/keyboard.h"
#include "drv/ps2/keymap.h"
#include "drv/screen.h"
#include "drv/typed.h"
#include "kernel/core/irq.h"
#include "kernel/core/log.h"
#include "kernel/core/time.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/io.h"

#define PORT_DATA    0x60
#define PORT_STATUS  0x64
#define PORT_COMMAND 0x64

#define STATUS_OUTPUT 0x01u /* a byte is there to be read */
#define STATUS_INPUT  0x02u /* the last one written has not been taken */
#define STATUS_MOUSE  0x20u /* that byte is the mouse's */
#define STATUS_NONE   0xffu /* nothing drives the port */

#define COMMAND_READ_CONFIG   0x20
#define COMMAND_WRITE_CONFIG  0x60
#define COMMAND_MOUSE_OFF     0xa7
#define COMMAND_SELF_TEST     0xaa
#define COMMAND_KEYBOARD_OFF  0xad
#define COMMAND_KEYBOARD_ON   0xae
#define SELF_TEST_PASSED      0x55
#define KEYBOARD_SEND         0xf4 /* to the keyboard: begin to scan */
#define KEYBOARD_ACKNOWLEDGED 0xfa

#define CONFIG_KEYBOARD_IRQ 0x01u
#define CONFIG_MOUSE_IRQ    0x02u
#define CONFIG_KEYBOARD_OFF 0x10u
#define CONFIG_MOUSE_OFF    0x20u
#define CONFIG_TRANSLATE    0x40u /* scan codes arrive as set 1, whatever the keyboard speaks */

#define KEYBOARD_LINE 1
#define WAIT_NS       (20 * NS_PER_MS)
#define SELF_TEST_NS  (100 * NS_PER_MS)
#define STALE_MAX     64u /* bytes that may be waiting from before */
#define IRQ_BYTES_MAX 16u

static struct keymap keymap; /* the interrupt's own */

/* Waits until (status & mask) is @wanted. */
static bool wait_status(uint8_t mask, uint8_t wanted, uint64_t limit_ns)
{
	uint64_t deadline = time_now_ns() + limit_ns;

	while ((inb(PORT_STATUS) & mask) != wanted) {
		if (time_now_ns() > deadline)
			return false;
		cpu_relax();
	}
	return true;
}

static bool send(uint16_t port, uint8_t byte)
{
	if (!wait_status(STATUS_INPUT, 0, WAIT_NS))
		return false;
	outb(port, byte);
	return true;
}

static bool receive(uint8_t *byte, uint64_t limit_ns)
{
	if (!wait_status(STATUS_OUTPUT, STATUS_OUTPUT, limit_ns))
		return false;
	*byte = inb(PORT_DATA);
	return true;
}

static void drop_stale(void)
{
	for (unsigned i = 0; i < STALE_MAX && inb(PORT_STATUS) & STATUS_OUTPUT; i++)
		inb(PORT_DATA);
}

/* Both devices off, nothing waiting, the controller tested. NULL, or what is wrong. */
static const char *reset_controller(void)
{
	uint8_t answer;

	if (inb(PORT_STATUS) == STATUS_NONE)
		return "there is none";
	if (!send(PORT_COMMAND, COMMAND_KEYBOARD_OFF) || !send(PORT_COMMAND, COMMAND_MOUSE_OFF))
		return "it takes no command";
	drop_stale();
	if (!send(PORT_COMMAND, COMMAND_SELF_TEST) || !receive(&answer, SELF_TEST_NS))
		return "it does not answer";
	return answer == SELF_TEST_PASSED ? NULL : "its self test fails";
}

static const char *start_keyboard(void)
{
	uint8_t config, answer;

	if (!send(PORT_COMMAND, COMMAND_READ_CONFIG) || !receive(&config, WAIT_NS))
		return "its settings cannot be read";
	config &= (uint8_t) ~(CONFIG_KEYBOARD_OFF | CONFIG_MOUSE_IRQ);
	config |= CONFIG_KEYBOARD_IRQ | CONFIG_MOUSE_OFF | CONFIG_TRANSLATE;
	if (!send(PORT_COMMAND, COMMAND_WRITE_CONFIG) || !send(PORT_DATA, config) ||
	    !send(PORT_COMMAND, COMMAND_KEYBOARD_ON))
		return "its settings cannot be changed";
	if (!send(PORT_DATA, KEYBOARD_SEND) || !receive(&answer, WAIT_NS) ||
	    answer != KEYBOARD_ACKNOWLEDGED)
		return "no keyboard answers";
	return NULL;
}

static void take_code(uint8_t code)
{
	uint8_t bytes[KEYMAP_BYTES_MAX];
	unsigned count;

	keymap.app_cursor = screen_app_cursor();
	if (keymap_take(&keymap, code, bytes, &count) == KEYMAP_REBOOT)
		typed_put_reboot();
	typed_put(bytes, count);
}

static bool keyboard_interrupt(void *arg)
{
	bool asked = false;

	(void)arg;
	for (unsigned i = 0; i < IRQ_BYTES_MAX; i++) {
		uint8_t status = inb(PORT_STATUS);

		if (status == STATUS_NONE || !(status & STATUS_OUTPUT))
			break;
		uint8_t code = inb(PORT_DATA);

		asked = true;
		if (!(status & STATUS_MOUSE))
			take_code(code);
	}
	return asked;
}

void keyboard_init(bool expected)
{
	const char *wrong = expected ? reset_controller() : "the firmware has none";
	enum err err;

	if (!wrong)
		wrong = start_keyboard();
	if (wrong) {
		log_info("keyboard", "not used: %s", wrong);
		return;
	}
	err = irq_register_isa(KEYBOARD_LINE, keyboard_interrupt, NULL);
	if (err != OK)
		log_warn("keyboard", "no interrupt: %s", err_text(err));
	else
		drop_stale();
}
