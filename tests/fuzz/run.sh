#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh FOLDER NAME SECONDS: one fuzzer; the last line it prints, or all of it when it fails.
set -eu
folder=$1 name=$2 seconds=$3
mkdir -p "$folder/corpus/$name" "$folder/found"
log=$folder/$name.log
if "$folder/${name}_fuzz" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=16384 \
	-artifact_prefix="$folder/found/$name-" "$folder/corpus/$name" "$folder/seeds/$name" \
	> "$log" 2>&1; then
	echo "fuzz $name: $(tail -n 1 "$log")"
else
	cat "$log"
	echo "fuzz $name: FAILED, input in $folder/found/"
	exit 1
fi
