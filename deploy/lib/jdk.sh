#!/usr/bin/env bash
# Finds the JDK that Quorate is built and run with. Sourced by the entry scripts:
#
#   source "$(dirname "${BASH_SOURCE[0]}")/../lib/jdk.sh"
#   quorate_require_jdk25
#
# and afterwards JAVA_HOME is set and exported.
set -euo pipefail

# Prints the feature version (17, 25, ...) of the JDK below $1; fails when there is no JDK.
_quorate_jdk_feature() {
  local home=$1 line version
  [[ -x $home/bin/java && -x $home/bin/javac ]] || return 1
  line=$("$home/bin/javac" -version 2>&1 | grep -m 1 '^javac ') || return 1
  version=${line#javac }
  version=${version%%[!0-9]*}
  [[ -n $version ]] || return 1
  printf '%s\n' "$version"
}

# Prints the home of a JDK 25, else of a newer one: JAVA_HOME, below /usr/lib/jvm, the java on PATH, in this order.
# 25 goes first because it is what Quorate is tested with.
quorate_find_jdk25() {
  local home feature java newer=
  local -a homes=()
  [[ -n ${JAVA_HOME:-} ]] && homes+=("$JAVA_HOME")
  for home in /usr/lib/jvm/*; do
    [[ -d $home ]] && homes+=("$home")
  done
  if java=$(command -v java); then
    java=$(readlink -f "$java")
    homes+=("${java%/bin/java}")
  fi
  for home in "${homes[@]}"; do
    feature=$(_quorate_jdk_feature "$home") || continue
    if ((feature == 25)); then
      printf '%s\n' "$home"
      return 0
    elif ((feature > 25)) && [[ -z $newer ]]; then
      newer=$home
    fi
  done
  [[ -n $newer ]] && printf '%s\n' "$newer"
}

# Installs a JDK 25 with apt-get from the sources that the machine has; fails when no package offers one.
_quorate_install_jdk25() {
  local package
  ((EUID == 0)) && command -v apt-get >/dev/null || return 1
  # Without fresh lists the ones that are there may still do.
  apt-get update -q >&2 || true
  for package in openjdk-25-jdk-headless temurin-25-jdk; do
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >&2; then
      return 0
    fi
  done
  return 1
}

# Sets JAVA_HOME to what quorate_find_jdk25 finds, installing one where root and apt-get allow it; otherwise says what to install and fails.
quorate_require_jdk25() {
  local home
  if ! home=$(quorate_find_jdk25); then
    _quorate_install_jdk25 || true
    if ! home=$(quorate_find_jdk25); then
      cat >&2 <<'TXT'
quorate: no JDK 25 found (looked at JAVA_HOME, /usr/lib/jvm and the java on PATH). Install one:
  Debian, Ubuntu              apt-get install openjdk-25-jdk-headless
  releases without it         apt-get install temurin-25-jdk     (repository: https://adoptium.net/installation/linux)
  RHEL, Rocky, Alma, Fedora   dnf install java-25-openjdk-devel  (or temurin-25-jdk from the same repository)
or set JAVA_HOME to the folder of an unpacked JDK 25.
TXT
      return 1
    fi
  fi
  export JAVA_HOME=$home
}
