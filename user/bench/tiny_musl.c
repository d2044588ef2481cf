/* SPDX-License-Identifier: BSD-2-Clause */
/* The smallest program to exec that starts a libc. */
int main(void)
{
	return 0;
}
