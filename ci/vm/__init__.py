# SPDX-License-Identifier: BSD-2-Clause
"""Everything that builds images and talks to QEMU: used by ./bartizan, by make and by pytest."""
