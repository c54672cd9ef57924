#!/bin/bash
# Ends a PostgreSQL instance when it is not told in time that it may live on.
#
#   guardian.sh FIFO PGDATA PIDFILE DEADLINE
#
# DEADLINE and all times are hundredths of a second since boot, as in /proc/uptime, which goes on
# while the machine is suspended. DEADLINE 0: nothing is watched before the first "alive", and where
# none comes within a minute there is nothing to do. Lines on FIFO:
#   alive TIME   the instance may live until TIME
#   hello WORD   answer by writing "<pid> <WORD>" to PIDFILE
# Forks nothing while it watches: a host in trouble may not be able to.
set -u
fifo=$1 pgdata=$2 pidfile=$3 deadline=$4

# Open for reading and writing: with no writer, a pipe open for reading alone is at its end, and
# reading would return at once for ever.
exec 3<>"$fifo" || exit 1

# The directory itself: its processes are found also when it is removed, or moved aside.
if [[ -d $pgdata && -r $pgdata ]]; then
  exec 4<"$pgdata"
fi

answer() { printf '%s %s\n' "$$" "$1" >"$pidfile"; }

stands_in() { [[ $1/cwd -ef /proc/self/fd/4 || $1/cwd -ef $pgdata ]]; }

# A person's shell that stands there has a terminal; PostgreSQL's processes have given theirs up.
person() {
  local line name fields
  { read -r line <"$1/stat"; } 2>/dev/null || return 1
  name=${line#*(}
  name=${name%)*}
  # shellcheck disable=SC2206 # Letters and numbers: to be split.
  fields=(${line##*) })
  [[ $name != postgres && ${fields[4]-0} != 0 ]]
}

instance() {
  pids=()
  local entry
  for entry in /proc/[0-9]*; do
    if stands_in "$entry" && ! person "$entry"; then
      pids+=("${entry#/proc/}")
    fi
  done
}

say() { printf '%s %s\n' "$(date '+%Y-%m-%dT%H:%M:%S%z')" "$1" >&2; }

pause() { read -r -t "$1" -u 3 _; }

end_instance() {
  local postmaster='' round=0
  { read -r postmaster <"$pgdata/postmaster.pid"; } 2>/dev/null
  if [[ $postmaster =~ ^[0-9]+$ && $postmaster -gt 1 ]] && stands_in "/proc/$postmaster"; then
    kill -QUIT "$postmaster" 2>/dev/null
    # A stopped process takes its signals only once it goes on.
    kill -CONT "$postmaster" 2>/dev/null
    pause 0.1
  fi
  # Until none is left: a process that the kernel holds in I/O ends when that does.
  while instance; ((${#pids[@]} > 0)); do
    kill -KILL "${pids[@]}" 2>/dev/null
    ((++round == 200)) && say "processes ${pids[*]} do not end, also killed: trying on"
    if ((round < 200)); then pause 0.05; else pause 1; fi
  done
  # Whatever starts this directory again starts a standby.
  if [[ -d $pgdata ]]; then
    : >"$pgdata/standby.signal" && sync "$pgdata/standby.signal" "$pgdata"
  fi
}

answer started
while :; do
  if read -r -t 0.2 -u 3 verb word; then
    case $verb in
      alive) [[ $word =~ ^[0-9]{1,15}$ ]] && ((10#$word > deadline)) && deadline=$((10#$word)) ;;
      hello) answer "$word" ;;
    esac
  fi
  if ((deadline == 0)); then
    ((SECONDS < 60)) && continue
    rm -f "$pidfile"
    exit 0
  fi
  read -r uptime _ </proc/uptime
  if ((10#${uptime/./} >= deadline)); then
    end_instance
    say "ended the instance in $pgdata at uptime $uptime: not told to live beyond $deadline"
    rm -f "$pidfile"
    exit 0
  fi
done
