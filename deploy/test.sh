#!/usr/bin/env bash
# Sets up what is missing, then runs every test: unit, property, simulator, and real processes with real PostgreSQL.
# Works as root and as any other user; as root, what must not be root runs as the user postgres, from copies that it can read.
# Arguments go to Maven, for example: deploy/test.sh -pl raft-store -am
set -euo pipefail

CLONE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
readonly CLONE
# shellcheck source-path=SCRIPTDIR/lib source=say.sh
source "$CLONE/deploy/lib/say.sh"
# shellcheck source-path=SCRIPTDIR/lib source=jdk.sh
source "$CLONE/deploy/lib/jdk.sh"
# shellcheck source-path=SCRIPTDIR/lib source=packages.sh
source "$CLONE/deploy/lib/packages.sh"
# shellcheck source-path=SCRIPTDIR/lib source=unprivileged.sh
source "$CLONE/deploy/lib/unprivileged.sh"
# shellcheck source-path=SCRIPTDIR/lib source=build.sh
source "$CLONE/deploy/lib/build.sh"

# The user that tests started by root run PostgreSQL as must be able to run these too.
require_usable() {
  local user file
  ((EUID == 0)) || return 0
  user=$(require_unprivileged_user)
  set_as_user "$user"
  for file in "$JAVA_HOME/bin/java" "$1/postgres"; do
    "${AS_USER[@]}" test -x "$file" ||
      die "the user $user, whom the tests run PostgreSQL as, cannot run $file" \
        "Make it readable for everybody, install it below /usr, or choose another with JAVA_HOME or QUORATE_PG_BIN."
  done
}

# Adds up what the test runners of all modules reported since the file $1 was written: tests, failures, errors, skipped.
totals() {
  find "$CLONE" -path '*/target/*-reports/TEST-*.xml' -newer "$1" -exec grep -hE -m 1 '^<testsuite ' {} + |
    awk '
      function number(name,   at) {
        at = match($0, " " name "=\"[0-9]+\"")
        return at ? substr($0, at + length(name) + 3) + 0 : 0
      }
      { tests += number("tests"); failed += number("failures"); errors += number("errors"); skipped += number("skipped") }
      END { printf "%d tests, %d failed, %d errors, %d skipped\n", tests, failed, errors, skipped }'
}

main() {
  local began pg_bin marker status=0 result
  began=$(now_ms)
  quorate_require_jdk25
  require_maven
  pg_bin=$(require_postgres)
  require_program strace "slow disks are simulated with it"
  provide_etcd "$CLONE/deploy/target/etcd"
  require_usable "$pg_bin"
  marker=$(mktemp -t quorate-test.XXXXXX)
  # Not as the clone's owner: the tests that need root (fault injection) use it where they have it.
  (cd -- "$CLONE" && mvn -B -Dquorate.pg.bin="$pg_bin" "$@" verify) || status=$?
  result=$(totals "$marker")
  rm -f -- "$marker"
  if ((status == 0)); then
    printf 'PASSED: %s, in %s\n' "$result" "$(seconds $(($(now_ms) - began)))"
  else
    printf 'FAILED (Maven ended with status %d): %s, in %s\n' "$status" "$result" "$(seconds $(($(now_ms) - began)))"
  fi
  return "$status"
}

main "$@"
