#!/usr/bin/env bash
# What the three nodes of a demo are: names, ports, directories, configuration, processes. Sourced; needs say.sh and the
# variables DEMO_STATE (the demo's directory), DEMO_OFFSET (added to every port), DEMO_PG_BIN, DEMO_WITNESS (whether node3
# of a new demo is a witness: yes or no), DEMO_TLS (whether a new demo's ports are secured: yes or no).
set -euo pipefail

readonly NODES=(node1 node2 node3)

# node_port NODE KIND: a port of a node.
node_port() {
  local base
  case $2 in
    postgres) base=15430 ;;
    rest) base=18080 ;;
    grpc) base=17080 ;;
    etcd) base=17090 ;;
    raft) base=16080 ;;
    member) base=16090 ;;
    *) die "no port of kind '$2'" ;;
  esac
  printf '%s\n' "$((base + ${1#node} + DEMO_OFFSET))"
}

node_dir() {
  printf '%s/%s\n' "$DEMO_STATE" "$1"
}

is_node() {
  local node
  for node in "${NODES[@]}"; do
    [[ $1 == "$node" ]] && return 0
  done
  return 1
}

# Whether a node is a witness, by its configuration.
is_witness() {
  grep -qx 'witness: true' "$(node_dir "$1")/$1.yml" 2>/dev/null
}

# Whether the demo's ports are secured, by what it was made with.
is_secured() {
  [[ -f $DEMO_STATE/tls/ca.crt ]]
}

# Makes an authority, a certificate for each member, and one for a client, as docs/tls.md shows.
make_certificates() {
  local tls=$DEMO_STATE/tls new=$DEMO_STATE/tls.new node
  is_secured && return
  rm -rf -- "$new"
  mkdir -p -- "$new"
  _openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=demo authority" \
    -keyout "$new/ca.key" -out "$new/ca.crt"
  for node in "${NODES[@]}"; do
    _certificate "$new" "$node" "subjectAltName = URI:quorate://demo/$node, IP:127.0.0.1, DNS:localhost" \
      "extendedKeyUsage = serverAuth, clientAuth"
  done
  _certificate "$new" client "extendedKeyUsage = clientAuth"
  mv -- "$new" "$tls"
}

# _certificate DIR NAME EXTENSION...
_certificate() {
  local dir=$1 name=$2
  shift 2
  printf '%s\n' "$@" >"$dir/$name.ext"
  _openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$name" -keyout "$dir/$name.key" \
    -out "$dir/$name.csr"
  _openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.crt" -CAkey "$dir/ca.key" -CAcreateserial -days 365 \
    -extfile "$dir/$name.ext" -out "$dir/$name.crt"
  rm -f -- "$dir/$name.ext" "$dir/$name.csr"
}

# Shows what it says only when it fails.
_openssl() {
  local said
  said=$(openssl "$@" 2>&1) || die "openssl cannot make the demo's certificates" "$said"
}

# Every member is on this machine, so each has ports of its own instead of an address of its own.
_raft_members() {
  local node
  for node in "${NODES[@]}"; do
    printf '    - name: %s\n      address: 127.0.0.1:%s\n      member_address: 127.0.0.1:%s\n      grpc_address: 127.0.0.1:%s\n      etcd_address: 127.0.0.1:%s\n' \
      "$node" "$(node_port "$node" raft)" "$(node_port "$node" member)" "$(node_port "$node" grpc)" "$(node_port "$node" etcd)"
  done
}

# Writes the configuration of a node, unless it has one: what a user changed there stays until --reset.
write_config() {
  local node=$1 dir
  dir=$(node_dir "$node")
  [[ -f $dir/$node.yml ]] && return
  mkdir -p "$dir"
  cat >"$dir/$node.yml.new" <<YML
# $node of the demo. Everything listens on 127.0.0.1 only.
scope: demo
name: $node
state_dir: $dir/state

restapi:
  listen: 127.0.0.1:$(node_port "$node" rest)
grpc:
  listen: 127.0.0.1:$(node_port "$node" grpc)
etcd_api:
  listen: 127.0.0.1:$(node_port "$node" etcd)

raft:
  data_dir: $dir/raft
  members:
$(_raft_members)

bootstrap:
  dcs:
    profile: lan
    maximum_lag_on_failover: 1048576
    postgresql:
      parameters:
        max_connections: 50
        # Three servers share this machine.
        shared_buffers: 32MB
        max_wal_size: 256MB
        min_wal_size: 64MB
YML
  if [[ ${DEMO_WITNESS:-no} == yes && $node == node3 ]]; then
    printf '\nwitness: true\n' >>"$dir/$node.yml.new"
  else
    _postgres_config "$node" >>"$dir/$node.yml.new"
  fi
  if is_secured; then
    cat >>"$dir/$node.yml.new" <<YML

tls:
  cert_file: $DEMO_STATE/tls/$node.crt
  key_file: $DEMO_STATE/tls/$node.key
  ca_file: $DEMO_STATE/tls/ca.crt
YML
  fi
  if [[ -n ${DEMO_RECORD:-} ]]; then
    sed -i 's/profile: lan/profile: fast/' "$dir/$node.yml.new"
  fi
  if [[ -n ${DEMO_RECORD:-} && $node == node3 ]]; then
    # The recorded node is the one that is promoted.
    printf 'tags:\n  nofailover: true\n' >>"$dir/$node.yml.new"
  fi
  mv "$dir/$node.yml.new" "$dir/$node.yml"
}

# What the configuration of a node says of its PostgreSQL; goes on in the section bootstrap.
_postgres_config() {
  local node=$1 dir
  dir=$(node_dir "$node")
  cat <<YML
  initdb:
    - encoding: UTF8
    - data-checksums

postgresql:
  listen: 127.0.0.1:$(node_port "$node" postgres)
  data_dir: $dir/data
  bin_dir: $DEMO_PG_BIN
  authentication:
    superuser:
      username: postgres
      password: $DEMO_PASSWORD
    replication:
      username: replicator
      password: $DEMO_PASSWORD
    rewind:
      username: rewinder
      password: $DEMO_PASSWORD
  pg_hba:
    - local all all scram-sha-256
    - host all all 127.0.0.1/32 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
YML
}

# Reads DEMO_PASSWORD, making one for a new demo: whoever may log in as superuser may run programs as this user.
load_password() {
  local file=$DEMO_STATE/password
  if [[ ! -f $file ]]; then
    (umask 077 && od -An -N9 -tx1 /dev/urandom | tr -d ' \n' >"$file.new" && mv "$file.new" "$file")
  fi
  DEMO_PASSWORD=$(<"$file")
}

# Whether process $1 runs; a zombie does not.
is_alive() {
  local stat
  [[ -n ${1:-} ]] && { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ ${stat##*) } != [ZX]* ]]
}

# Prints the process id in file $1 if that process runs.
live_pid() {
  local pid
  [[ -f $1 ]] || return 1
  { read -r pid <"$1"; } 2>/dev/null || return 1
  is_alive "$pid" && printf '%s\n' "$pid"
}

supervisor_pid() {
  live_pid "$(node_dir "$1")/supervisor.pid"
}

agent_pid() {
  live_pid "$(node_dir "$1")/agent.pid"
}

# Prints the postmaster of a node, also one that no agent looks after.
postmaster_pid() {
  local dir pid
  dir=$(node_dir "$1")
  pid=$(live_pid "$dir/data/postmaster.pid") || return 1
  # The file may be a dead server's, and its number in use again.
  [[ $(readlink "/proc/$pid/cwd") == "$(readlink -f "$dir/data")" ]] && printf '%s\n' "$pid"
}

# Prints every process of a node, one a line: those that inherited the supervisor's mark and those that work in the data
# directory (PostgreSQL writes its title over its environment).
node_processes() {
  local dir data proc pid
  dir=$(node_dir "$1")
  data=$(readlink -m "$dir/data")
  for proc in /proc/[0-9]*; do
    pid=${proc#/proc/}
    [[ $pid == "$$" || $pid == "$BASHPID" ]] && continue
    if [[ $(readlink "$proc/cwd" 2>/dev/null) == "$data" ]] ||
      { tr '\0' '\n' <"$proc/environ" | grep -qxF "QUORATE_DEMO_NODE=$dir"; } 2>/dev/null; then
      if is_alive "$pid"; then
        printf '%s\n' "$pid"
      fi
    fi
  done
}

# Prints the body of https://127.0.0.1:PORT/PATH if the answer is 200; fails otherwise, at the latest after 4 s.
_https_ok() {
  local answer
  answer=$(printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" |
    timeout 4 openssl s_client -quiet -verify_return_error -verify_ip 127.0.0.1 -CAfile "$DEMO_STATE/tls/ca.crt" \
      -connect "127.0.0.1:$1" 2>/dev/null) || true
  [[ $answer == HTTP/1.?' 200'* ]] && printf '%s\n' "${answer#*$'\r\n\r\n'}"
}

# Prints the body of http://127.0.0.1:PORT/PATH if the answer is 200; fails otherwise, at the latest after 2 s a line.
http_ok() {
  local port=$1 path=$2 line body='' status=
  if is_secured; then
    _https_ok "$port" "$path"
    return
  fi
  {
    exec {http}<>"/dev/tcp/127.0.0.1/$port" || return 1
  } 2>/dev/null
  printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$path" >&"$http"
  read -r -t 2 _ status _ <&"$http" || true
  while read -r -t 2 line <&"$http" && [[ $line != $'\r' ]]; do :; done
  while read -r -t 2 line <&"$http" || [[ -n $line ]]; do
    body+=$line$'\n'
    line=
  done
  exec {http}>&-
  [[ $status == 200 ]] && printf '%s' "$body"
}
