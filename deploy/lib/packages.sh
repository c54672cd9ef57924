#!/usr/bin/env bash
# Finds what a build and a demo need beside the JDK (see jdk.sh), and installs it where root and apt-get allow.
set -euo pipefail

# What Quorate calls; a server package without one of them is incomplete.
readonly QUORATE_PG_PROGRAMS=(postgres initdb pg_ctl pg_basebackup pg_rewind pg_controldata)

_apt_allowed() {
  ((EUID == 0)) && command -v apt-get >/dev/null
}

_apt_install() {
  say "installing with apt-get: $*"
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2; then
    # Old lists name versions that the mirror no longer has.
    apt-get update -q >&2 || true
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >&2
  fi
}

# Makes `mvn` callable, or says what to install and ends the script.
require_maven() {
  command -v mvn >/dev/null && return
  if _apt_allowed; then
    _apt_install maven || true
  fi
  command -v mvn >/dev/null || die "no Maven found (the program 'mvn' is not on PATH). Install it:" \
    "Debian, Ubuntu              apt-get install maven" \
    "RHEL, Rocky, Alma, Fedora   dnf install maven" \
    "or unpack one from https://maven.apache.org/download.cgi (3.8 or newer) and put its bin directory on PATH"
}

# require_program NAME WHY: makes a small program callable that has a package of its own name.
require_program() {
  command -v "$1" >/dev/null && return
  if _apt_allowed; then
    _apt_install "$1" || true
  fi
  command -v "$1" >/dev/null || die "the program '$1' is missing ($2)" "Install it with the package manager: it has a package of that name."
}

# provide_etcd DIR: puts etcd and its client etcdctl on PATH for what this script starts. Where they are not installed they are
# unpacked from Debian's packages into DIR: installing the server would start it. Without them, the tests that need them say so.
provide_etcd() {
  local dir=$1 file
  if command -v etcd >/dev/null && command -v etcdctl >/dev/null; then
    return
  fi
  if [[ ! -x $dir/usr/bin/etcd || ! -x $dir/usr/bin/etcdctl ]] && command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    say "unpacking etcd and etcdctl into $dir, for tests only"
    mkdir -p "$dir"
    (cd -- "$dir" && { apt-get download -q etcd-server etcd-client || { _apt_allowed && apt-get update -q && apt-get download -q etcd-server etcd-client; }; }) >&2 || true
    for file in "$dir"/*.deb; do
      [[ ! -f $file ]] || dpkg -x "$file" "$dir" || true
    done
    rm -f -- "$dir"/*.deb
  fi
  export PATH=$PATH:$dir/usr/bin
}

_pg_complete() {
  local program
  for program in "${QUORATE_PG_PROGRAMS[@]}"; do
    [[ -x $1/$program ]] || return 1
  done
}

# Prints the directory of the newest complete PostgreSQL server found; fails when there is none.
# QUORATE_PG_BIN, where set, is the only one looked at.
find_postgres() {
  local dir version best=0 found=
  local -a dirs=(/usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin /opt/homebrew/opt/postgresql@*/bin)
  if [[ -n ${QUORATE_PG_BIN:-} ]]; then
    _pg_complete "$QUORATE_PG_BIN" && printf '%s\n' "$QUORATE_PG_BIN"
    return
  fi
  if dir=$(command -v postgres); then
    dirs+=("$(dirname -- "$(readlink -f -- "$dir")")")
  fi
  for dir in "${dirs[@]}"; do
    _pg_complete "$dir" || continue
    version=$("$dir/postgres" --version 2>/dev/null) || continue
    version=${version##*) }
    version=${version%%[!0-9]*}
    if ((${version:-0} > best)); then
      best=$version
      found=$dir
    fi
  done
  [[ -n $found ]] && printf '%s\n' "$found"
}

# Installs the distribution's PostgreSQL server without the cluster on port 5432 that Debian's package makes by itself.
_install_postgres() {
  local drop_in=/etc/postgresql-common/createcluster.d/quorate-setup.conf
  _apt_install postgresql-common || return 1
  mkdir -p "${drop_in%/*}"
  printf 'create_main_cluster = false\n' >"$drop_in"
  _apt_install postgresql || { rm -f "$drop_in"; return 1; }
  rm -f "$drop_in"
}

# Prints the directory of PostgreSQL's programs, installing them where that is allowed; otherwise says what to install and
# ends the script.
require_postgres() {
  local dir
  if dir=$(find_postgres); then
    printf '%s\n' "$dir"
    return
  fi
  [[ -z ${QUORATE_PG_BIN:-} ]] || die "QUORATE_PG_BIN is '$QUORATE_PG_BIN', which lacks one of: ${QUORATE_PG_PROGRAMS[*]}"
  if _apt_allowed; then
    _install_postgres || true
  fi
  find_postgres || die "no PostgreSQL server found (looked below /usr/lib/postgresql, /usr/pgsql-*, /usr/local/pgsql and on PATH" \
    "for a directory with ${QUORATE_PG_PROGRAMS[*]}). Install one:" \
    "Debian, Ubuntu              apt-get install postgresql" \
    "RHEL, Rocky, Alma, Fedora   dnf install postgresql-server postgresql-contrib" \
    "or set QUORATE_PG_BIN to the directory of these programs"
}
