# SPDX-License-Identifier: BSD-2-Clause
# A stack machine and its assembler, a maze, a spreadsheet, a text formatter: arithmetic, arrays by
# eval, case, nested loops, recursion, files of many lines. Compared with Linux by ci/test_busybox.py.

say() {
	printf '%s\n' "$*"
}

die() {
	say "error: $*" >&2
	exit 70
}

# --- a stack machine ---

depth=0

push() {
	eval "stack$depth=\$1"
	depth=$((depth + 1))
}

pop() {
	[ "$depth" -gt 0 ] || die "the stack is empty at $pc"
	depth=$((depth - 1))
	eval "$1=\$stack$depth"
}

assemble() {
	# Two passes: labels, then code_N variables.
	local word at=0
	size=0
	while read -r word argument; do
		case $word in
		'' | '#'*) continue ;;
		*:) eval "label_${word%:}=$at" ;;
		*) at=$((at + 1)) ;;
		esac
	done < "$1"
	while read -r word argument; do
		case $word in
		'' | '#'* | *:) continue ;;
		jump | jumpz | call) eval "argument=\$label_$argument" ;;
		esac
		eval "code_$size=\$word argument_$size=\$argument"
		size=$((size + 1))
	done < "$1"
	say "assembled $size instructions"
}

run() {
	local steps=0 a b
	pc=0
	while [ "$pc" -lt "$size" ]; do
		eval "word=\$code_$pc argument=\$argument_$pc"
		pc=$((pc + 1))
		steps=$((steps + 1))
		[ "$steps" -lt 5000 ] || die "too many steps"
		case $word in
		push) push "$argument" ;;
		add) pop b; pop a; push $((a + b)) ;;
		sub) pop b; pop a; push $((a - b)) ;;
		mul) pop b; pop a; push $((a * b)) ;;
		mod) pop b; pop a; push $((a % b)) ;;
		dup) pop a; push "$a"; push "$a" ;;
		swap) pop b; pop a; push "$b"; push "$a" ;;
		store) pop a; eval "memory_$argument=\$a" ;;
		load) eval "push \$memory_$argument" ;;
		jump) pc=$argument ;;
		jumpz) pop a; [ "$a" -eq 0 ] && pc=$argument ;;
		call) push "$pc"; pc=$argument ;;
		return) pop pc ;;
		print) pop a; say "out: $a" ;;
		halt) break ;;
		*) die "no instruction '$word'" ;;
		esac
	done
	say "stopped after $steps steps, $depth on the stack"
}

cat > factorial.asm <<'END'
# n! for n = 10
	push 1
	store result
	push 10
	store n
loop:
	load n
	jumpz end
	load result
	load n
	mul
	store result
	load n
	push 1
	sub
	store n
	jump loop
end:
	load result
	print
	halt
END
cat > gcd.asm <<'END'
	push 3528
	push 3780
again:
	dup
	jumpz found
	swap
	store a
	dup
	store b
	load a
	load b
	mod
	jump again
found:
	add
	print
END
assemble factorial.asm
run
assemble gcd.asm
run
printf 'push 1\nadd\n' > bad.asm
(assemble bad.asm; run) 2>&1
say "status $?"
printf 'forever:\njump forever\n' > loop.asm
(assemble loop.asm; run) 2>&1
say "status $?"

# --- a maze, by flood ---

cat > maze <<'END'
###############
#S..#.....#...#
###.#.###.#.#.#
#...#.#...#.#.#
#.###.#.###.#.#
#.#...#.#...#.#
#.#.###.#.###.#
#............E#
###############
END

load_maze() {
	local row=0 column line
	while IFS= read -r line; do
		column=0
		while [ "$column" -lt "${#line}" ]; do
			cell=${line:$column:1}
			eval "cell_${row}_$column=\$cell"
			[ "$cell" = S ] && start="$row $column"
			[ "$cell" = E ] && goal="${row}_$column"
			column=$((column + 1))
		done
		row=$((row + 1))
	done < "$1"
	rows=$row
}

solve() {
	local distance=0 next r c dr
	frontier=$start
	while [ -n "$frontier" ]; do
		next=
		set -- $frontier
		while [ $# -gt 0 ]; do
			r=$1 c=$2
			shift 2
			[ "${r}_$c" = "$goal" ] && { say "out after $distance steps"; return 0; }
			for dr in "-1 0" "1 0" "0 -1" "0 1"; do
				y=$((r + ${dr% *})) x=$((c + ${dr#* }))
				eval "cell=\$cell_${y}_$x"
				case $cell in
				'#' | '+') ;;
				*) eval "cell_${y}_$x=+"; next="$next $y $x" ;;
				esac
			done
		done
		frontier=$next
		distance=$((distance + 1))
	done
	say "no way out"
	return 1
}

load_maze maze
say "$rows rows, from $start to $goal"
solve
say "status $?"
sed 's/\.E#/#E#/; s/^\(#\.#\.###\.#\.###\)\.#/\1##/' maze > closed
load_maze closed
solve
say "status $?"

# --- a spreadsheet ---

cat > sheet <<'END'
a1 5
a2 7
a3 =a1+a2
b1 =a3*2
b2 =b1-a1
b3 =(a1+a2+a3)*(b1+b2)
c1 =c2
c2 =c1
END

value() {
	# value CELL; cycles are found by depth
	local text name rest deep=${2:-0}
	[ "$deep" -lt 10 ] || { echo cycle; return; }
	text=$(sed -n "s/^$1 //p" sheet)
	case $text in
	=*) ;;
	*) echo "$text"; return ;;
	esac
	text=${text#=}
	while :; do
		name=$(echo "$text" | sed -n 's/^[^a-z]*\([a-z][0-9]\).*/\1/p')
		[ -n "$name" ] || break
		rest=$(value "$name" $((deep + 1)))
		[ "$rest" = cycle ] && { echo cycle; return; }
		text=$(echo "$text" | sed "s/$name/$rest/")
	done
	echo $((text))
}

while read -r cell text; do
	printf '%s %-22s %s\n' "$cell" "$text" "$(value "$cell")"
done < sheet

# --- a formatter ---

paragraph="The quick brown fox jumps over the lazy dog while a very long-winded sentence goes on and \
on without saying anything at all, as such sentences do whenever somebody needs a paragraph."

format() {
	# format WIDTH: words from standard input, lines filled from both sides
	local width=$1 line= word gaps extra out
	for word in $(cat); do
		if [ -n "$line" ] && [ $((${#line} + ${#word} + 1)) -gt "$width" ]; then
			set -- $line
			gaps=$(($# - 1))
			extra=$((width - ${#line}))
			out=
			while [ $# -gt 0 ]; do
				out=$out$1
				shift
				[ $# -gt 0 ] || break
				out="$out "
				[ "$extra" -gt 0 ] && { out="$out "; extra=$((extra - 1)); }
			done
			say "|$out"
			line=$word
		else
			line="${line:+$line }$word"
		fi
	done
	say "|$line"
}

say "$paragraph" | format 30
say "$paragraph" | format 48
say "$paragraph" | tr ' ' '\n' | sort -f | uniq -ci | sort -k1,1nr -k2 | head -4

# --- many lines ---

generate() {
	local i=0 seed=12345
	while [ "$i" -lt "$1" ]; do
		seed=$(((seed * 1103515245 + 12345) % 2147483648))
		say "$i $((seed / 65536 % 1000))"
		i=$((i + 1))
	done
}

generate 1500 > data
md5sum < data
sort -k2,2n -k1,1n data | head -2
awk '{ s += $2; if ($2 > m) m = $2 } END { print s, m }' data
while read -r number random; do
	[ $((random % 100)) -eq 0 ] && printf '%s ' "$number"
done < data
say
cut -d' ' -f2 data | sort -n | uniq -d | wc -l
sed -n '700,702p' data
split=0
while [ "$split" -lt 3 ]; do
	sed -n "$((split * 500 + 1)),$((split * 500 + 500))p" data > part.$split
	split=$((split + 1))
done
cat part.* | cmp - data && say "whole again"
exit 42
