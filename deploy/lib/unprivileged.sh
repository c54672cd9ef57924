#!/usr/bin/env bash
# Running as somebody else than root: PostgreSQL refuses root, and nothing here needs it.
set -euo pipefail

# Prints the user that a script started by root runs PostgreSQL and its agents as; fails when there is none yet.
unprivileged_user() {
  local user
  for user in postgres quorate; do
    if getent passwd "$user" >/dev/null; then
      printf '%s\n' "$user"
      return
    fi
  done
  return 1
}

# The same, making a user where there is none. PostgreSQL's package makes one: to be called after it is installed.
require_unprivileged_user() {
  unprivileged_user && return
  say "creating the system user quorate"
  useradd --system --user-group --home-dir /var/lib/quorate --shell /bin/bash quorate >&2 ||
    die "there is no user 'postgres', and 'quorate' could not be created: start this as a user other than root"
  printf '%s\n' quorate
}

# Sets the array AS_USER to the words that, put before a command, run it as $1: nothing for oneself; for root's use a change
# of user with a clean environment. To be used as "${AS_USER[@]}" COMMAND..., also with exec.
set_as_user() {
  local user=$1 home
  AS_USER=()
  if ((EUID == 0)) && [[ $user != root ]]; then
    home=$(getent passwd "$user" | cut -d: -f6)
    # shellcheck disable=SC2034 # for the caller
    AS_USER=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups
      env -i HOME="$home" USER="$user" LOGNAME="$user" PATH="$PATH" TERM="${TERM:-dumb}" LANG="${LANG:-C.UTF-8}")
  fi
}
