#!/usr/bin/env bash
# Measures the store, and beside it etcd: three servers of each, in turn, on one disk, with the same clients. Prints a
# table, and writes a plot with --plot FILE. Arguments go to the benchmark: deploy/bench.sh --rows put,get --seconds 5
# (an unknown one prints all there are). Docs: docs/benchmarks.md.
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

main() {
  local path jar
  quorate_require_jdk25
  require_maven
  provide_etcd "$CLONE/deploy/target/etcd"
  build_distribution "$CLONE"
  (clone_maven "$CLONE" -q -pl jepsen-style-tests -am -Dmaven.test.skip=true package) >&2
  # The benchmark's own classes and its one library come behind what is shipped.
  path=
  for jar in "$CLONE"/deploy/target/quorate-dist/lib/*.jar "$CLONE"/jepsen-style-tests/target/classes; do
    path+=${path:+:}$jar
  done
  jar=$(find "$HOME/.m2/repository/org/hdrhistogram/HdrHistogram" -name 'HdrHistogram-*.jar' -print -quit)
  exec "$JAVA_HOME/bin/java" -Xmx512m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -cp "$path:$jar" io.quorate.jepsen.bench.StoreBenchmark \
    --java-options "$CLONE/deploy/lib/java.options" "$@"
}

main "$@"
