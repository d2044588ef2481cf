#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs the Debian packages that are missing. Usage: ci/setup.sh run|check
#   run    what building, booting and `make run` need
#   check  what `make check` needs besides
# Exit status: 0 all there, 2 something is missing and could not be installed.
set -eu

run_set='gcc libc6-dev make nasm grub-pc-bin xorriso mtools ovmf qemu-system-x86 python3
	busybox-static musl-tools'
check_set='python3-pytest python3-pexpect clang libclang-rt-14-dev clang-tidy clang-format gdb
	chromium cppcheck trinity stress-ng'

case "${1-}" in
run) wanted=$run_set ;;
check) wanted="$run_set $check_set" ;;
*)
	echo 'usage: ci/setup.sh run|check' >&2
	exit 2
	;;
esac

missing_of() {
	# All there are: asked for one that nobody has heard of, dpkg-query would fail.
	installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ')"
	for package; do
		case "$installed" in
		*" $package:installed "*) ;;
		*) printf ' %s' "$package" ;;
		esac
	done
}

give_up() {
	echo "setup: $1; please install:$missing" >&2
	exit 2
}

# shellcheck disable=SC2086
missing=$(missing_of $wanted)
[ -n "$missing" ] || exit 0

command -v apt-get >/dev/null || give_up 'packages are missing and this is not Debian'
as_root=''
if [ "$(id -u)" -ne 0 ]; then
	sudo -n true 2>/dev/null || [ -t 0 ] && command -v sudo >/dev/null ||
		give_up 'packages are missing and neither root nor sudo is available'
	as_root=sudo
fi

echo "setup: installing$missing" >&2
install() {
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends \
		-o Dpkg::Use-Pty=0 $missing >/dev/null 2>&1
}
# The package lists may be missing or old: fetch them only when the first try fails.
install || { $as_root apt-get update -qq >/dev/null 2>&1 && install; } ||
	give_up 'apt-get could not install packages (network?)'
