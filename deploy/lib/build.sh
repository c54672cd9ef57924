#!/usr/bin/env bash
# Builds the distribution of a clone. Needs say.sh, jdk.sh, packages.sh, unprivileged.sh.
set -euo pipefail

# The files that end in the distribution, relative to the clone.
readonly QUORATE_SOURCES=(pom.xml .mvn proto raft-store ha-engine rpc deploy/pom.xml deploy/bin deploy/lib deploy/samples
  deploy/systemd)

# Whether the distribution in clone $1 is younger than every file it is made of.
distribution_fresh() {
  local clone=$1 stamp=$1/deploy/target/quorate-dist/.built changed source
  local -a sources=()
  [[ -f $stamp && $(<"$stamp") == "$JAVA_HOME" ]] || return 1
  for source in "${QUORATE_SOURCES[@]}"; do
    [[ -e $clone/$source ]] && sources+=("$clone/$source")
  done
  changed=$(find "${sources[@]}" -name target -prune -o -path '*/src/test' -prune -o -type f -newer "$stamp" -print -quit)
  [[ -z $changed ]]
}

# Runs Maven in clone $1 as the clone's owner, so that a build by root leaves no files that its owner cannot replace.
clone_maven() {
  local clone=$1 owner
  shift
  owner=$(stat -c %U -- "$clone")
  [[ $owner != UNKNOWN ]] || owner=root
  set_as_user "$owner"
  cd -- "$clone"
  "${AS_USER[@]}" env JAVA_HOME="$JAVA_HOME" MAVEN_OPTS="${MAVEN_OPTS:-}" mvn -B "$@"
}

# Builds the distribution of clone $1 unless it is fresh. A failed build shows its whole output; a good one none.
build_distribution() {
  local clone=$1 dist=$1/deploy/target/quorate-dist log started
  if distribution_fresh "$clone"; then
    return
  fi
  # Stamped with the time before the build: what is edited meanwhile is newer.
  log=$(mktemp -t quorate-build.XXXXXX)
  : >"$log.begin"
  started=$(now_ms)
  say "building Quorate (the first time Maven fetches its libraries, which takes minutes; log: $log)"
  if ! (clone_maven "$clone" -pl deploy -am -Dmaven.test.skip=true package) >"$log" 2>&1; then
    cat -- "$log" >&2
    die "the build failed; its output stands above and in $log"
  fi
  [[ -x $dist/bin/quorate ]] || die "the build left no $dist/bin/quorate; its output: $log"
  printf '%s\n' "$JAVA_HOME" >"$dist/.built"
  touch -r "$log.begin" -- "$dist/.built"
  grep -o 'WARNING: quorate.*' -- "$log" >&2 || true
  rm -f -- "$log" "$log.begin"
  say "built in $(seconds $(($(now_ms) - started)))"
}
