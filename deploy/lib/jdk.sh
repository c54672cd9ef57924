#!/usr/bin/env bash
# Finds the Java 25 that Quorate is built and run with. Sourced by the entry scripts and by the launcher.
set -euo pipefail

# Prints the feature version (17, 25, ...) of the Java below $1; fails when there is none. The file `release` is asked first:
# starting a program for each candidate would cost more than all else that a start of Quorate does before Java runs.
_quorate_java_feature() {
  local home=$1 line version=
  [[ -x $home/bin/java ]] || return 1
  if [[ -r $home/release ]]; then
    while IFS= read -r line; do
      [[ $line == JAVA_VERSION=* ]] && version=${line#JAVA_VERSION=\"}
    done <"$home/release"
  fi
  if [[ -z $version ]]; then
    line=$("$home/bin/java" -version 2>&1 | grep -m 1 ' version "') || return 1
    version=${line#*\"}
  fi
  version=${version%%[!0-9]*}
  [[ -n $version ]] || return 1
  printf '%s\n' "$version"
}

# Prints the home of a Java 25, else of a newer one, that has the program bin/$1: JAVA_HOME, below /usr/lib/jvm, the java on
# PATH, in this order. 25 goes first because it is what Quorate is tested with.
_quorate_find_java() {
  local program=$1 home feature java newer=
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
    [[ -x $home/bin/$program ]] || continue
    feature=$(_quorate_java_feature "$home") || continue
    if ((feature == 25)); then
      printf '%s\n' "$home"
      return 0
    elif ((feature > 25)) && [[ -z $newer ]]; then
      newer=$home
    fi
  done
  [[ -n $newer ]] && printf '%s\n' "$newer"
}

# Prints the home of a Java to run Quorate with; fails when there is none.
quorate_find_java25() {
  _quorate_find_java java
}

# Prints the home of a JDK to build Quorate with; fails when there is none.
quorate_find_jdk25() {
  _quorate_find_java javac
}

quorate_say_what_java_to_install() {
  cat >&2 <<'TXT'
error: no Java 25 found (looked at JAVA_HOME, /usr/lib/jvm and the java on PATH). Install a JDK 25:
  Debian 13, Ubuntu 25.10 and newer   apt-get install openjdk-25-jdk-headless
  older Debian and Ubuntu             apt-get install temurin-25-jdk     (repository: https://adoptium.net/installation/linux)
  RHEL, Rocky, Alma, Fedora           dnf install java-25-openjdk-devel  (or temurin-25-jdk from the same repository)
or set JAVA_HOME to the folder of an unpacked JDK 25.
TXT
}

# Installs a JDK 25 with apt-get from the sources that the machine has; fails when no package offers one.
_quorate_install_jdk25() {
  local package
  ((EUID == 0)) && command -v apt-get >/dev/null || return 1
  # Without fresh lists the ones that are there may still do.
  apt-get update -q >&2 || true
  for package in openjdk-25-jdk-headless temurin-25-jdk; do
    apt-cache show "$package" >/dev/null 2>&1 || continue
    printf 'installing with apt-get: %s\n' "$package" >&2
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >&2; then
      return 0
    fi
  done
  return 1
}

# Sets JAVA_HOME to what quorate_find_jdk25 finds, installing one where root and apt-get allow it; otherwise says what to
# install and fails.
quorate_require_jdk25() {
  local home
  if ! home=$(quorate_find_jdk25); then
    _quorate_install_jdk25 || true
    if ! home=$(quorate_find_jdk25); then
      quorate_say_what_java_to_install
      return 1
    fi
  fi
  export JAVA_HOME=$home
}
