/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
/* The bounds of the image's parts, from boot/kernel.ld; what bounds a right is page aligned. */

extern char image_start[], image_end[];
extern char boot_text_end[];
extern char init_text_start[], init_text_end[];
extern char init_rodata_start[], init_rodata_end[];
extern char init_data_start[], init_data_end[];
extern char relr_start[], relr_end[];
extern char text_start[], text_end[];
extern char entry_text_start[], entry_text_end[];
extern char usercopy_text_start[], usercopy_text_end[];
extern char rodata_start[], rodata_end[];
extern char data_start[], data_end[];
extern char ro_after_init_start[], ro_after_init_end[];
extern char bss_end[];
extern char ksyms_start[], ksyms_end[];
extern char boot_tables[];
extern char boot_stack_bottom[], boot_stack_top[];
extern char init_array_start[], init_array_end[];
extern char build_id_note[];
extern char extable_start[], extable_end[];
