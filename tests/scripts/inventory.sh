# SPDX-License-Identifier: BSD-2-Clause
# A small store of records in files: options, functions, here-documents, sorting, reports, checks.
# Compared with Linux by ci/test_busybox.py.
set -u
umask 022

store=store
failures=0
log=log

say() {
	printf '%s\n' "$*"
}

note() {
	printf '%02d %s\n' "${counter:=0}" "$*" >> "$log"
	counter=$((counter + 1))
}

check() {
	# check DESCRIPTION COMMAND...
	local what=$1
	shift
	if "$@" > /dev/null 2>&1; then
		say "ok: $what"
	else
		say "not ok: $what ($?)"
		failures=$((failures + 1))
	fi
}

usage() {
	cat <<-END
		usage: inventory [-v] [-s STORE] [-n COUNT] COMMAND...
		  -v  say more
		  -s  where the records are ($store)
		  -n  how many
	END
	return 2
}

# --- options ---

verbose=0
count=12

options() {
	OPTIND=1
	while getopts vs:n: letter; do
		case $letter in
		v) verbose=$((verbose + 1)) ;;
		s) store=$OPTARG ;;
		n) count=$OPTARG ;;
		*) usage; return ;;
		esac
	done
	say "verbose=$verbose store=$store count=$count at=$OPTIND"
}

options -v -n 30 -s records rest
options -vv
options -x 2> err
say "status $?"
sed 's/^[^:]*: //' err
options -n 2> err
say "status $?"

# --- records ---

mkdir -p "$store" || exit 1

put() {
	# put NUMBER NAME PRICE AMOUNT
	cat > "$store/$1" <<END
number=$1
name='$2'
price=$3
amount=$4
total=$(($3 * $4))
END
	note "put $1"
}

get() {
	# get NUMBER FIELD; in a subshell, so that the fields do not stay
	(
		. "./$store/$1" 2> /dev/null || exit 3
		eval "printf '%s\n' \"\$$2\""
	)
}

make_records() {
	local i=1 names="bolt nut screw washer nail hook ring plate"
	set -- $names
	while [ "$i" -le "$count" ]; do
		eval "name=\${$((i % 8 + 1))}"
		put "$i" "$name $i" $((i * 7 % 50 + 1)) $((100 - i))
		i=$((i + 1))
	done
}

make_records
say "records: $(ls "$store" | wc -l)"
get 7 name
get 7 total
get 99 name
say "status $?"
say "leaked: ${price-nothing}"

# --- reports ---

table() {
	for file in "$store"/*; do
		(
			. "./$file"
			printf '%3d|%-12s|%5d|%5d|%7d\n' "$number" "$name" "$price" "$amount" "$total"
		)
	done | sort -n
}

table > table.txt
head -3 table.txt
tail -3 table.txt
md5sum < table.txt
say "sum: $(awk -F'|' '{ s += $5 } END { print s }' table.txt)"
say "dearest: $(sort -t'|' -k3,3nr -k1,1n table.txt | head -1)"
say "kinds:"
cut -d'|' -f2 table.txt | awk '{ n[$1]++ } END { for (k in n) print k, n[k] }' | sort

histogram() {
	local low high line
	for low in 0 10 20 30 40; do
		high=$((low + 10))
		line=
		while IFS='|' read -r _ _ price _; do
			[ "$price" -gt "$low" ] && [ "$price" -le "$high" ] && line=$line#
		done < table.txt
		printf '%2d-%2d %s\n' "$low" "$high" "$line"
	done
}

histogram

# --- changes ---

change() {
	# change NUMBER FIELD VALUE
	local file=$store/$1 new
	[ -f "$file" ] || return 4
	new=$(mktemp "$store/.new.XXXXXX") || return 5
	sed "s/^$2=.*/$2=$3/" "$file" > "$new" && mv "$new" "$file"
	note "change $1 $2"
}

change 5 amount 1000
get 5 amount
change 77 amount 1
say "status $?"
check "no scraps" [ -z "$(ls -A "$store" | grep new)" ]
cp -r "$store" before
for i in 3 6 9; do
	rm "$store/$i"
	note "remove $i"
done
diff -rq before "$store" | sort
check "three fewer" [ "$(ls "$store" | wc -l)" -eq $((count - 3)) ]

# --- archive and return ---

tar cf - "$store" | gzip > backup.tgz
rm -r "$store"
check "gone" [ ! -e "$store" ]
gunzip -c backup.tgz | tar xf -
check "back" [ -d "$store" ]
diff -r before "$store" > differences
say "differences: $? $(grep -c '^Only in before' differences)"

# --- text templates ---

template() {
	while IFS= read -r line; do
		case $line in
		*'{name}'*) line="${line%%\{name\}*}$1${line#*\{name\}}" ;;
		esac
		case $line in
		'#'*) continue ;;
		'') say "--" ;;
		*) say "$line" ;;
		esac
	done <<'END'
# what the customer reads
Dear {name},

your order costs $5 and `nothing` more.
	Indented, with \backslash\ and "quotes".
END
}

template "Ada Lovelace"
template "*"

# --- numbers in words ---

words() {
	local n=$1 out=
	set -- zero one two three four five six seven eight nine
	while :; do
		eval "digit=\${$((n % 10 + 1))}"
		out="$digit${out:+-$out}"
		n=$((n / 10))
		[ "$n" -eq 0 ] && break
	done
	say "$out"
}

for n in 0 7 42 1984 $((2 << 20)); do
	words "$n"
done

# --- string surgery ---

path=/usr/local/share/doc/package-1.2.tar.gz
say "${path##*/} ${path%/*} ${path#/*/} ${path%%.*} ${path##*.} ${#path}"
base=${path##*/}
say "${base%-*} ${base#*-} ${base/tar/zip} ${base//a/A} ${base:3:4} ${base:0:1}"
unset nothing
say "${nothing:-default} ${nothing:=assigned} $nothing ${nothing:+instead}"
(say "${missing:?is not set}") 2> err
say "status $? $(sed 's/.*missing/missing/' err)"
list=a:b::c
IFS=:
for part in $list; do printf '<%s>' "$part"; done
unset IFS
say

# --- recursion ---

hanoi() {
	[ "$1" -eq 0 ] && return
	hanoi $(($1 - 1)) "$2" "$4" "$3"
	moves=$((moves + 1))
	[ "$1" -ge 4 ] && say "disc $1: $2 to $3"
	hanoi $(($1 - 1)) "$4" "$3" "$2"
}

moves=0
hanoi 6 left right middle
say "moves: $moves"

gcd() {
	[ "$2" -eq 0 ] && say "$1" || gcd "$2" $(($1 % $2))
}

gcd 1071 462
gcd 17 5

primes() {
	local n=2 d found=
	while [ "$n" -lt "$1" ]; do
		for d in $found; do
			[ $((d * d)) -gt "$n" ] && break
			[ $((n % d)) -eq 0 ] && { n=$((n + 1)); continue 2; }
		done
		found="$found $n"
		n=$((n + 1))
	done
	say $found
}

primes 100

wc -l < "$log"
sed -n '$p' "$log"
say "failures: $failures"
exit $((failures + 3))
