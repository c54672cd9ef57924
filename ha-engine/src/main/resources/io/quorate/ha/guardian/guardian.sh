#!/bin/bash
# Ends a PostgreSQL instance when it is not told in time that it may live on.
#
#   guardian.sh FIFO PGDATA PIDFILE DEADLINE
#
# DEADLINE and all times are hundredths of a second since boot, as in /proc/uptime, which goes on
# while the machine is suspended. Lines on FIFO:
#   alive TIME   the instance may live until TIME
#   hello WORD   answer by writing "<pid> <WORD>" to PIDFILE
# Forks nothing while it watches: a host in trouble may not be able to.
set -u
fifo=$1 pgdata=$2 pidfile=$3 deadline=$4

# Open for reading and writing: with no writer, a pipe open for reading alone is at its end, and
# reading would return at once for ever.
exec 3<>"$fifo" || exit 1

answer() { printf '%s %s\n' "$$" "$1" >"$pidfile"; }

instance() {
  pids=()
  local entry
  for entry in /proc/[0-9]*; do
    if [[ $entry/cwd -ef $pgdata ]]; then
      pids+=("${entry#/proc/}")
    fi
  done
}

pause() { read -r -t "$1" -u 3 _; }

end_instance() {
  local postmaster='' round
  { read -r postmaster <"$pgdata/postmaster.pid"; } 2>/dev/null
  if [[ $postmaster =~ ^[0-9]+$ && /proc/$postmaster/cwd -ef $pgdata ]]; then
    kill -QUIT "$postmaster" 2>/dev/null
    # A stopped process takes its signals only once it goes on.
    kill -CONT "$postmaster" 2>/dev/null
    pause 0.1
  fi
  for ((round = 0; round < 600; round++)); do
    instance
    ((${#pids[@]} == 0)) && break
    kill -KILL "${pids[@]}" 2>/dev/null
    pause 0.05
  done
  # Whatever starts this directory again starts a standby.
  : >"$pgdata/standby.signal"
  sync "$pgdata/standby.signal" "$pgdata"
}

answer started
while :; do
  if read -r -t 0.2 -u 3 verb word; then
    case $verb in
      alive) [[ $word =~ ^[0-9]{1,15}$ ]] && ((10#$word > deadline)) && deadline=$((10#$word)) ;;
      hello) answer "$word" ;;
    esac
  fi
  read -r uptime _ </proc/uptime
  if ((10#${uptime/./} >= deadline)); then
    end_instance
    printf '%s ended the instance in %s at uptime %s: not told to live beyond %s\n' \
      "$(date '+%Y-%m-%dT%H:%M:%S%z')" "$pgdata" "$uptime" "$deadline" >&2
    rm -f "$pidfile"
    exit 0
  fi
done
