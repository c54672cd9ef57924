#!/usr/bin/env bash
# How the entry scripts speak: progress on standard error, so that what they are asked for stands alone on standard output.
set -euo pipefail

say() {
  printf '%s\n' "$*" >&2
}

# Says why there is no going on, one argument per line, and ends the script.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  local line
  for line in "$@"; do
    printf '       %s\n' "$line" >&2
  done
  exit 1
}

# Milliseconds of the clock that no one sets; only differences mean anything.
now_ms() {
  local up _
  read -r up _ </proc/uptime
  printf '%s\n' "$((10#${up%.*} * 1000 + 10#${up#*.} * 10))"
}

# Prints milliseconds as seconds with one decimal.
seconds() {
  printf '%d.%d s\n' "$(($1 / 1000))" "$(($1 % 1000 / 100))"
}
