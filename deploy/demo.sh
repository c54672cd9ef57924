#!/usr/bin/env bash
# A cluster of three nodes on this machine, from nothing. See usage() or --help.
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

usage() {
  cat <<'TXT'
deploy/demo.sh [OPTION...]               set up what is missing, build, start three nodes, show them live; Ctrl-C stops all
deploy/demo.sh --detach [OPTION...]      the same, but return as soon as all three are healthy
deploy/demo.sh --stop                    stop the whole cluster in good order; the data stays for the next start
deploy/demo.sh status                    show a detached demo live; Ctrl-C ends the view only
deploy/demo.sh kill nodeN                kill agent, PostgreSQL and guardian of a node at once
deploy/demo.sh start nodeN               start a node that was killed

  --reset            throw the demo's data away and begin anew; with --stop: stop and throw it away
  --witness          make node3 a witness: a voter of the store without PostgreSQL; for a new demo
  --tls              secure every port of the agents with certificates of an authority of the demo's own; for a new demo
  --no-restart       do not restart a killed agent; without this it starts again after 5 s
  --port-offset N    add N to every port; a demo with an offset is another demo, with data of its own
  --state DIR        where the data goes; default /var/tmp/quorate-demo when started by root, else
                     ~/.local/state/quorate-demo; with an offset that is appended

Ports on 127.0.0.1: PostgreSQL 15431-15433, REST 18081-18083, gRPC 17081-17083, etcd API 17091-17093, the store 16081-16083 and 16091-16093.
Started by root, everything runs as the user postgres. JAVA_HOME and QUORATE_PG_BIN choose a JDK 25 and a PostgreSQL.
TXT
}

readonly OFFSET_MAX=40000

verb=up
node=
detach=no
reset=no
restart=yes
witness=no
tls=no
offset=0
state=
state_option=
user=
pg_bin=
began=

wrong_use() {
  printf 'error: %s\n\n' "$1" >&2
  usage >&2
  exit 2
}

parse() {
  while (($# > 0)); do
    case $1 in
      -h | --help)
        usage
        exit 0
        ;;
      --detach) detach=yes ;;
      --stop) verb=stop ;;
      --reset) reset=yes ;;
      --no-restart) restart=no ;;
      --witness) witness=yes ;;
      --tls) tls=yes ;;
      --port-offset | --state)
        (($# > 1)) || wrong_use "$1 needs a value"
        if [[ $1 == --state ]]; then state=$2; else offset=$2; fi
        shift
        ;;
      --port-offset=*) offset=${1#*=} ;;
      --state=*) state=${1#*=} ;;
      status) verb=status ;;
      start | kill)
        verb=$1
        [[ ${2:-} =~ ^node[123]$ ]] || wrong_use "'$1' needs a node: node1, node2 or node3"
        node=$2
        shift
        ;;
      *) wrong_use "unknown option or word '$1'" ;;
    esac
    shift
  done
  if ! [[ $offset =~ ^[0-9]{1,5}$ ]] || ((10#$offset > OFFSET_MAX)); then
    wrong_use "--port-offset must be 0 to $OFFSET_MAX, is '$offset'"
  fi
  offset=$((10#$offset))
}

choose_user() {
  if ((EUID != 0)); then
    user=$(id -un)
  elif [[ $verb == up ]]; then
    user=$(require_unprivileged_user)
  else
    user=$(unprivileged_user) || die "there is no demo: not even a user to run it as" "Start one with: $0"
  fi
  set_as_user "$user"
}

choose_state() {
  local suffix=
  ((offset == 0)) || suffix=-$offset
  if [[ -n $state ]]; then
    [[ $state == /* ]] || state=$PWD/$state
  elif ((EUID == 0)); then
    state=/var/tmp/quorate-demo$suffix
  elif [[ -w ${HOME:-/nonexistent} ]]; then
    state=${XDG_STATE_HOME:-$HOME/.local/state}/quorate-demo$suffix
  else
    state=/var/tmp/quorate-demo-$user$suffix
  fi
  # A socket's path has at most 107 bytes, and names of nodes and files follow.
  ((${#state} <= 70)) || die "the path of the demo's directory is too long for PostgreSQL's sockets: $state" \
    "Choose a shorter one: $0 --state DIR"
  [[ $state =~ ^[A-Za-z0-9/._-]+$ ]] || die "the path of the demo's directory has characters that would need quoting: $state" \
    "Choose another one: $0 --state DIR"
}

# Makes the demo's directory for the user, or checks that it is theirs: the name is guessable where others may write.
own_state() {
  local owner
  if [[ -e $state || -L $state ]]; then
    owner=$(stat -c %U -- "$state")
    [[ -d $state && ! -L $state && $owner == "$user" ]] ||
      die "$state is not a directory of the user $user, whom the demo runs as (owner: $owner)" \
        "Remove it, or choose another: $0 --state DIR"
    [[ -f $state/.quorate-demo || -z $(ls -A -- "$state") ]] ||
      die "$state has files that are not the demo's" "Choose another: $0 --state DIR"
  elif ((EUID == 0)); then
    install -d -m 0700 -o "$user" -g "$(id -g "$user")" -- "$state"
  else
    (umask 077 && mkdir -p -- "$state") || die "the user $user cannot make $state" "Choose another: $0 --state DIR"
  fi
  "${AS_USER[@]}" touch "$state/.quorate-demo" ||
    die "the user $user cannot write to $state" "Choose another: $0 --state DIR"
}

# How the user called this script, for messages that tell what to type.
own_command() {
  local command=$CLONE/deploy/demo.sh
  [[ $PWD != "$CLONE" ]] || command=deploy/demo.sh
  ((offset == 0)) || command+=" --port-offset $offset"
  [[ -z $state_option ]] || command+=" --state $state"
  printf '%s\n' "$command"
}

require_usable() {
  local file
  for file in "$JAVA_HOME/bin/java" "$pg_bin/postgres"; do
    "${AS_USER[@]}" test -x "$file" ||
      die "the user $user, whom the demo runs as, cannot run $file" \
        "Make it readable for everybody, install it below /usr, or choose another with JAVA_HOME or QUORATE_PG_BIN."
  done
}

# Copies the program and its scripts to where the user can read them and no build changes them while they run. Unpacked by
# the user, and with exact times: the cache of loaded classes is good only for the very files that it was made from.
install_program() {
  local new=$state/program.new
  "${AS_USER[@]}" rm -rf -- "$new"
  "${AS_USER[@]}" mkdir -- "$new"
  tar -C "$CLONE/deploy/target/quorate-dist" --format=posix -cf - . | "${AS_USER[@]}" tar -C "$new" --no-same-owner -xf -
  tar -C "$CLONE/deploy" --format=posix -cf - demo lib/say.sh | "${AS_USER[@]}" tar -C "$new" --no-same-owner -xf -
  "${AS_USER[@]}" rm -rf -- "$state/program"
  "${AS_USER[@]}" mv -- "$new" "$state/program"
}

# Goes on as the user, from that copy.
hand_over() {
  exec "${AS_USER[@]}" env DEMO_STATE="$state" DEMO_PROGRAM="$state/program" DEMO_OFFSET="$offset" DEMO_RESTART="$restart" \
    DEMO_WITNESS="$witness" DEMO_TLS="$tls" \
    DEMO_PG_BIN="$pg_bin" DEMO_COMMAND="$(own_command)" DEMO_BEGAN="$began" JAVA_HOME="${JAVA_HOME:-}" \
    "$BASH" "$state/program/demo/cluster.sh" "$@"
}

main() {
  began=$(now_ms)
  parse "$@"
  state_option=$state
  if [[ $verb == up ]]; then
    quorate_require_jdk25
    require_maven
    pg_bin=$(require_postgres)
    [[ $tls == no ]] || command -v openssl >/dev/null ||
      die "--tls needs openssl, to make certificates" "Install it: apt-get install openssl"
  fi
  choose_user
  choose_state
  if [[ $verb != up ]]; then
    "${AS_USER[@]}" test -f "$state/program/demo/cluster.sh" ||
      die "there is no demo in $state" "Start one with: $(own_command)"
    [[ $verb != stop || $reset != yes ]] || verb=reset
    hand_over "$verb" ${node:+"$node"}
  fi
  require_usable
  own_state
  if "${AS_USER[@]}" test -f "$state/program/demo/cluster.sh"; then
    (hand_over "$([[ $reset == yes ]] && printf 'reset' || printf 'check')")
  fi
  build_distribution "$CLONE"
  set_as_user "$user"
  install_program
  hand_over up "$detach"
}

main "$@"
