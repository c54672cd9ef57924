#!/usr/bin/env bash
# finish-distribution.sh DIST: the part of the build that needs the program itself. Makes the executable `quorate` in the
# clone, and a cache of loaded classes for a fast start: one for the agent, one for the command line. They are made by running three nodes through a change of
# primary, of which one is recorded; without them Quorate starts slower and is the same otherwise, so that a failure warns only.
# QUORATE_AOT=off leaves it out.
set -euo pipefail

HERE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly HERE
# shellcheck source-path=SCRIPTDIR source=say.sh
source "$HERE/say.sh"
# shellcheck source-path=SCRIPTDIR source=jdk.sh
source "$HERE/jdk.sh"
# shellcheck source-path=SCRIPTDIR source=packages.sh
source "$HERE/packages.sh"
# shellcheck source-path=SCRIPTDIR source=unprivileged.sh
source "$HERE/unprivileged.sh"

warn() {
  say "WARNING: quorate: no cache of loaded classes was made, Quorate will start slower: $1"
}

make_executable() {
  local clone=$1 dist=$2
  cat >"$clone/quorate.new" <<SH
#!/usr/bin/env bash
# Made by the build.
exec "\$(dirname -- "\$(readlink -f -- "\${BASH_SOURCE[0]}")")/${dist#"$clone/"}/bin/quorate" "\$@"
SH
  chmod 755 "$clone/quorate.new"
  mv -f "$clone/quorate.new" "$clone/quorate"
}

# What the cache depends on: the Java, the jars, and what the launcher says of their order.
fingerprint() {
  printf '%s\n' "$JAVA_HOME"
  cat -- "$1/bin/quorate" "$1/lib/java.options" | cksum
  (cd -- "$1/lib" && stat -c '%n %s %Y' -- *.jar)
}

# Prints what to add to the demo's ports so that nobody listens there: far from everybody's, and another place at every build.
free_offset() {
  local offset port try
  for try in 1 2 3 4 5 6 7 8 9 10; do
    offset=$((5000 + RANDOM % 5000))
    for port in 15431 15432 15433 16081 16082 16083 16091 16092 16093 17081 17082 17083 18081 18082 18083; do
      # shellcheck disable=SC2188 # only whether it can be opened
      if (: <>"/dev/tcp/127.0.0.1/$((port + offset))") 2>/dev/null; then
        continue 2
      fi
    done
    break
  done
  printf '%s\n' "$offset"
}

# Runs the recorded cluster below $2; leaves $2/quorate.aot and $2/quorate-cli.aot.
record() {
  local dist=$1 dir=$2 pg_bin=$3 offset
  local -a cluster
  offset=$(free_offset)
  tar -C "$dist" --format=posix -cf - bin lib | "${AS_USER[@]}" tar -C "$dir/program" --no-same-owner -xf -
  tar -C "$HERE/.." -cf - demo lib/say.sh | "${AS_USER[@]}" tar -C "$dir/program" --no-same-owner -xf -
  cluster=("${AS_USER[@]}" env JAVA_HOME="$JAVA_HOME" DEMO_STATE="$dir" DEMO_PROGRAM="$dir/program" DEMO_OFFSET="$offset"
    DEMO_RESTART=no DEMO_PG_BIN="$pg_bin" DEMO_COMMAND=deploy/demo.sh DEMO_BEGAN="$(now_ms)" DEMO_RECORD=node2
    "$BASH" "$dir/program/demo/cluster.sh")
  "${cluster[@]}" record
}

make_cache() {
  local dist=$1 user=root pg_bin dir cache status=0
  if ! pg_bin=$(find_postgres); then
    warn "there is no PostgreSQL to make it with"
    return
  fi
  if ((EUID == 0)); then
    if ! getent passwd postgres >/dev/null; then
      warn "as root it needs the user postgres"
      return
    fi
    user=postgres
  fi
  set_as_user "$user"
  dir=$("${AS_USER[@]}" mktemp -d /tmp/quorate-aot.XXXXXX)
  "${AS_USER[@]}" mkdir "$dir/program"
  record "$dist" "$dir" "$pg_bin" >"$dist/../aot.log" 2>&1 || status=$?
  if [[ $status -eq 0 && -s $dir/quorate.aot && -s $dir/quorate-cli.aot ]]; then
    for cache in quorate.aot quorate-cli.aot; do
      cp -- "$dir/$cache" "$dist/lib/$cache.new"
      # Recorded with nobody else's rights, and to be read by whoever runs the program.
      chmod 644 -- "$dist/lib/$cache.new"
      mv -- "$dist/lib/$cache.new" "$dist/lib/$cache"
    done
    # Last: a cache that is newer is not used.
    fingerprint "$dist" >"$dist/lib/quorate.aot.for"
  else
    tail -n 200 -- "$dir"/node*/agent.log >>"$dist/../aot.log" 2>&1 || true
    warn "see $(cd -- "$dist/.." && pwd -P)/aot.log"
  fi
  "${AS_USER[@]}" rm -rf -- "$dir"
}

main() {
  local dist=$1 clone
  clone=$(cd -- "$HERE/../.." && pwd -P)
  make_executable "$clone" "$dist"
  quorate_require_jdk25
  # A cache that no longer fits is not used: leaving it does no harm.
  [[ ${QUORATE_AOT:-on} != off ]] || return 0
  if [[ -f $dist/lib/quorate.aot.for && $(fingerprint "$dist") == "$(<"$dist/lib/quorate.aot.for")" ]]; then
    return
  fi
  rm -f -- "$dist"/lib/quorate*.aot*
  make_cache "$dist"
}

main "$@"
