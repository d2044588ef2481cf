# SPDX-License-Identifier: BSD-2-Clause
# Background jobs, waiting, traps, signals, pipes of ten stages and more, fifos, descriptors.
# Compared with Linux by ci/test_busybox.py. No output depends on who is faster.

say() {
	echo "$@"
}

heading() {
	say "== $* =="
}

heading "statuses of jobs"

for code in 0 1 7 126 255; do
	(exit $code) &
	wait $!
	say "$code: $?"
done

pids=
for code in 1 2 3 4 5; do
	(sleep 0.0$code; exit $code) &
	pids="$pids $!"
done
for pid in $pids; do
	wait $pid
	say "waited: $?"
done
wait
say "nobody left: $?"

heading "a hundred at once"

mkdir out
i=0
while [ $i -lt 100 ]; do
	(echo "$i squared is $((i * i))" > out/$i) &
	i=$((i + 1))
done
wait
ls out | wc -l
cat out/* | sort -n | md5sum
cat out/* | awk '{ s += $4 } END { print s }'

heading "pipes"

ten() {
	cat | tr a-y b-z | rev | cat | sed 's/^/>/' | cat | tr b-z a-y | rev | cat | tr -d '>'
}

echo "through ten stages" | ten
seq 2000 | ten | md5sum
seq 2000 | md5sum
seq 500 | awk '{ print $1 % 7 }' | sort -n | uniq -c | sort -rn | head -3 | tail -1 | tr -s ' ' |
	cut -d' ' -f3 | sed 's/$/ is there/' | cat -n | tr -s ' \t' ' ' | rev | rev

(exit 3) | (exit 4) | (exit 5)
say "last: $?"
set -o pipefail
(exit 3) | true | true
say "pipefail: $?"
set +o pipefail

yes "again and again" | head -5000 | wc -l
yes | (read line; say "got $line")
seq 100000 | (head -1; tail -1)
(echo first; sleep 0.1; echo second) | while read word; do say "read $word"; done

heading "a writer whose reader leaves"

(
	trap 'exit 9' PIPE
	while :; do echo spam; done
	exit 1
) 2> /dev/null | head -1

heading "traps"

trap 'say "usr1"' USR1
trap 'say "usr2 from $1"' USR2
kill -USR1 $$
set -- argument
kill -USR2 $$
(
	trap
	say "the subshell has none of them"
)
trap - USR1 USR2
trap | wc -l

count=0
trap 'count=$((count + 1))' USR1
for i in 1 2 3 4 5 6 7 8 9 10; do
	kill -USR1 $$
done
say "counted $count"
trap - USR1

sh -c 'trap "say() { echo bye \$1; }; say \$?" EXIT; exit 5'
say "status $?"
sh -c 'trap "echo interrupted; exit 6" INT; kill -INT $$; echo no'
say "status $?"
sh -c 'trap "" TERM; kill -TERM $$; echo survived; trap - TERM; kill -TERM $$; echo no'
say "status $?"
sh -c 'kill -KILL $$'
say "status $?"

heading "a trap while waiting"

trap 'say "woken"; woken=1' USR1
(
	sleep 0.1
	kill -USR1 $$
) &
sleeper=$!
sleep 3 &
long=$!
wait $long
say "wait ended: $((${?} > 128))"
kill $long
wait $long 2> /dev/null
wait $sleeper
say "woken: ${woken-no}"
trap - USR1

heading "signals to jobs"

for signal in HUP INT TERM KILL USR1 PIPE ALRM; do
	sh -c 'kill -'$signal' $$; sleep 1' 2> /dev/null &
	wait $! 2> /dev/null
	say "$signal: $?"
done

worker() {
	trap 'echo "worker $1 cleans up" >> cleaned; exit 0' TERM
	: > ready.$1
	while :; do sleep 0.02; done
}

for n in 1 2 3; do
	worker $n &
	eval "worker$n=$!"
done
for n in 1 2 3; do
	while [ ! -e ready.$n ]; do sleep 0.01; done
done
kill $worker1 $worker2 $worker3
wait $worker1 $worker2 $worker3
say "workers: $?"
sort cleaned

heading "fifos"

mkfifo question answer
(
	while read -r a op b; do
		case $op in
		+) echo $((a + b)) ;;
		x) echo $((a * b)) ;;
		*) echo error ;;
		esac
	done < question > answer
) &
server=$!
exec 3> question 4< answer
for line in "1 + 2" "6 x 7" "1 ? 1"; do
	echo "$line" >&3
	read -r result <&4
	say "$line = $result"
done
exec 3>&- 4<&-
wait $server
say "server: $?"

mkfifo ring
(
	sleep 0.05
	echo token > ring
) &
read token < ring
say "the $token came"
wait

heading "descriptors"

exec 5> five 6>&1
echo "to five" >&5
echo "to six" >&6
{
	echo "err" >&2
	echo "out"
} 2>&1 >&5 | sed 's/^/piped: /'
exec 5>&-
cat five
exec 6>&-
(echo "closed" >&6) 2> /dev/null
say "status $((${?} != 0))"

read_two() {
	while read -r left <&7 && read -r right <&8; do
		say "$left $right"
	done
}

seq 3 > left
printf 'one\ntwo\nthree\n' > right
read_two 7< left 8< right

exec 9<> both
echo "written by 9" >&9
cat both
exec 9>&-

heading "groups and subshells"

x=outer
(x=inner; say "$x")
say "$x"
{ x=group; say "$x"; }
say "$x"
echo value | { read x; say "$x"; }
say "$x"
y=$(x=substituted; say "$x"; exit 4)
say "$? $y $x"
say "$(say "$(say "$(say deep)")")"

heading "a producer, three consumers"

mkfifo work
for n in 1 2 3; do
	(
		while read -r job; do
			echo "$((job * job))" >> done.$n
		done
	) < work &
done
seq 60 > work
wait
cat done.* | wc -l | sed 's/^[^0-9]*//' > /dev/null
cat done.* 2> /dev/null | sort -n | awk '{ s += $1 } END { print (s > 0) }'

heading "the end"

trap 'say "exit with $?"' EXIT
(exit 5)
exit 11
