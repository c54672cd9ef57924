#!/usr/bin/env bash
# Runs the three nodes of a demo. Called by deploy/demo.sh as a user that PostgreSQL accepts, from a copy of the
# distribution; everything it needs to know comes by DEMO_… variables.
#
#   cluster.sh up DETACH | check | reset | stop | start NODE | kill NODE | status        DETACH: yes or no
set -euo pipefail

# Passwords stand in what this writes.
umask 077

# shellcheck source-path=SCRIPTDIR/../lib source=say.sh
source "$DEMO_PROGRAM/lib/say.sh"
# shellcheck source-path=SCRIPTDIR source=nodes.sh
source "$DEMO_PROGRAM/demo/nodes.sh"

readonly QUORATE=$DEMO_PROGRAM/bin/quorate
readonly UP_TIMEOUT_MS=90000
readonly STOP_TIMEOUT_MS=90000

# --- the beginning ---------------------------------------------------------------------------------------------------

# Whether something else than this demo listens on a port of ours, with its name.
refuse_taken_ports() {
  local node kind port
  local -a taken=()
  for node in "${NODES[@]}"; do
    if agent_pid "$node" >/dev/null; then
      die "an agent of this demo still runs ($node, process $(agent_pid "$node"))" "Stop it with: $DEMO_COMMAND --stop"
    fi
    for kind in postgres rest grpc raft member; do
      # A PostgreSQL that outlived its agent is taken over.
      [[ $kind == postgres ]] && postmaster_pid "$node" >/dev/null && continue
      port=$(node_port "$node" "$kind")
      if { exec {probe}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; then
        exec {probe}>&-
        taken+=("port $port ($kind of $node) is in use")
      fi
    done
  done
  ((${#taken[@]} == 0)) ||
    die "the ports of the demo are not free" "${taken[@]}" \
      "End what listens there, or take other ports: $DEMO_COMMAND --port-offset 100"
}

# A demo keeps the ports and programs that it was made with. What the other commands need to know of them is written down.
load_settings() {
  local made_with=$DEMO_STATE/settings
  [[ -f $made_with ]] || return 0
  local offset=$DEMO_OFFSET
  # shellcheck source=/dev/null
  source "$made_with"
  [[ $1 != same || $offset == "$DEMO_OFFSET" ]] ||
    die "the demo in $DEMO_STATE was made with --port-offset $DEMO_OFFSET" \
      "Use that, another --state, or begin anew with --reset."
  export JAVA_HOME
}

save_settings() {
  printf '%s=%q\n' DEMO_OFFSET "$DEMO_OFFSET" DEMO_PG_BIN "$DEMO_PG_BIN" JAVA_HOME "$JAVA_HOME" >"$DEMO_STATE/settings.new"
  mv "$DEMO_STATE/settings.new" "$DEMO_STATE/settings"
}

launch() {
  local node=$1 dir record=
  dir=$(node_dir "$node")
  [[ ${DEMO_RECORD:-} != "$node" ]] || record=QUORATE_AOT_OUTPUT=$DEMO_STATE/quorate.aot
  rm -f -- "$dir/stopping" "$dir/agent.status"
  setsid env ${record:+"$record"} "$BASH" "$DEMO_PROGRAM/demo/supervise.sh" "$dir" "$dir/$node.yml" "$QUORATE" "$DEMO_RESTART" \
    </dev/null >/dev/null 2>&1 {LOCK}>&- &
  disown
}

# Prints how many nodes are as they should be: one primary that accepts writes, all others streaming from it, or a witness.
healthy_nodes() {
  local node body count=0
  for node in "${NODES[@]}"; do
    if http_ok "$(node_port "$node" rest)" /primary >/dev/null; then
      body=$(http_ok "$(node_port "$node" rest)" /cluster) || continue
      count=$((1 + $(grep -oE '"state": *"streaming"|"role": *"witness"' <<<"$body" | wc -l)))
    fi
  done
  printf '%s\n' "$count"
}

node_healthy() {
  local port
  port=$(node_port "$1" rest)
  if is_witness "$1"; then
    http_ok "$port" /readiness >/dev/null
    return
  fi
  http_ok "$port" /primary >/dev/null || http_ok "$port" /replica >/dev/null
}

# Ends with the node's own words when its agent has given up: at the start nothing is worth trying again unseen.
refuse_ended_agent() {
  local node dir
  for node in "$@"; do
    dir=$(node_dir "$node")
    [[ -f $dir/agent.status ]] || continue
    say "the agent of $node ended with status $(<"$dir/agent.status"); the end of $dir/agent.log:"
    tail -n 20 -- "$dir/agent.log" | sed 's/^/  /' >&2
    return 1
  done
}

wait_healthy() {
  local started=$1 count shown=-1
  while :; do
    count=$(healthy_nodes)
    ((count == shown)) || say "$(seconds $(($(now_ms) - started)))  $count of ${#NODES[@]} nodes healthy"
    shown=$count
    ((count < ${#NODES[@]})) || return 0
    refuse_ended_agent "${NODES[@]}" || return 1
    if (($(now_ms) - started > UP_TIMEOUT_MS)); then
      say "not healthy after $(seconds "$UP_TIMEOUT_MS"); the logs are $DEMO_STATE/node*/agent.log"
      "$QUORATE" list -c "$(node_dir node1)/node1.yml" >&2 || true
      return 1
    fi
    sleep 0.1
  done
}

up() {
  local detach=$1 node started pg_bin=$DEMO_PG_BIN java_home=$JAVA_HOME
  load_settings same
  DEMO_PG_BIN=$pg_bin JAVA_HOME=$java_home
  refuse_taken_ports
  save_settings
  load_password
  if [[ ${DEMO_TLS:-no} == yes ]]; then
    is_secured || [[ ! -f $(node_dir node1)/node1.yml ]] ||
      die "the demo in $DEMO_STATE was made without --tls" "Begin anew with --reset, or leave --tls out."
    make_certificates
  fi
  for node in "${NODES[@]}"; do
    write_config "$node"
  done
  [[ ${DEMO_WITNESS:-no} == no ]] || is_witness node3 ||
    die "node3 of the demo in $DEMO_STATE has a PostgreSQL" "Begin anew with --reset, or leave --witness out."
  trap 'say "interrupted"; stop_all; exit 130' INT TERM HUP
  started=$(now_ms)
  if is_witness node3; then
    say "starting three agents, two of them with PostgreSQL, below $DEMO_STATE"
  else
    say "starting three agents, each with its PostgreSQL, below $DEMO_STATE"
  fi
  for node in "${NODES[@]}"; do
    launch "$node"
  done
  if ! wait_healthy "$started"; then
    stop_all
    exit 1
  fi
  say "three nodes healthy in $(seconds $(($(now_ms) - started)))" \
    "(from the very beginning, with set-up and build: $(seconds $(($(now_ms) - DEMO_BEGAN))))"
  trap - INT TERM HUP
  unlock
  guide "$detach"
  if [[ $detach == no ]]; then
    live_view
  fi
}

# --- while it runs ---------------------------------------------------------------------------------------------------

connection_string() {
  local node hosts=''
  for node in "${NODES[@]}"; do
    is_witness "$node" && continue
    hosts+=${hosts:+,}127.0.0.1:$(node_port "$node" postgres)
  done
  printf 'postgresql://postgres:%s@%s/postgres?target_session_attrs=%s\n' "$DEMO_PASSWORD" "$hosts" "$1"
}

guide() {
  local rest url dir=$DEMO_STATE end=Ctrl-C trust='' shown=''
  [[ $1 == no ]] || end="$DEMO_COMMAND --stop"
  rest=$(node_port node1 rest)
  url=http
  if is_secured; then
    url=https
    trust=" --cacert $dir/tls/ca.crt"
    shown="$trust --cert $dir/tls/client.crt --key $dir/tls/client.key"
  fi
  cat <<TXT

Connect (libpq finds the right server by itself, also after a failover):
  psql '$(connection_string read-write)'
  psql '$(connection_string prefer-standby)'
Look:
  $QUORATE list -c $dir/node1/node1.yml
  curl -i$trust $url://127.0.0.1:$rest/primary      curl$trust $url://127.0.0.1:$rest/cluster      logs: $dir/node*/agent.log
  ETCDCTL_API=3 etcdctl --endpoints $url://127.0.0.1:$(node_port node1 etcd)$shown get --prefix ''
Try, best on the primary, and watch the view (another node: another number):
  kill -9 \$(head -n 1 $dir/node1/data/postmaster.pid)     a PostgreSQL: is restarted where it was
  kill -9 \$(cat $dir/node1/agent.pid)                     an agent: back after 5 s, PostgreSQL runs on
  $DEMO_COMMAND kill node1                   a whole node; it comes back with: $DEMO_COMMAND start node1
Stop everything: $end; what is in $dir stays for the next start, unless with --reset.

TXT
}

# Shows the cluster until a signal says that it is enough, and then stops it. The view runs in the background, where a signal
# to this script is not held up by it; it ignores the interrupt from the terminal and is ended from here.
live_view() {
  local view status enough=no
  trap 'enough=yes' INT TERM HUP
  [[ -t 1 ]] || say "standard output is no terminal, so the cluster is not shown live; an interrupt stops it"
  while [[ $enough == no ]]; do
    if [[ -t 1 ]]; then
      (status_view) &
    else
      (exec sleep infinity) &
    fi
    view=$!
    status=0
    wait "$view" || status=$?
    if [[ $enough == no ]]; then
      say "the view ended with status $status; it starts again (Ctrl-C stops the cluster)"
      sleep 1 || true
    fi
  done
  trap '' INT TERM HUP
  kill -TERM "$view" 2>/dev/null || true
  wait "$view" 2>/dev/null || true
  lock 60
  stop_all
}

# Replaces the calling shell.
status_view() {
  exec "$QUORATE" status --watch -c "$(node_dir node1)/node1.yml"
}

start_node() {
  local node=$1 started
  [[ -f $(node_dir "$node")/$node.yml ]] || die "there is no demo in $DEMO_STATE" "Start one with: $DEMO_COMMAND"
  supervisor_pid "$node" >/dev/null && die "$node runs already (process $(supervisor_pid "$node"))"
  started=$(now_ms)
  launch "$node"
  while ! node_healthy "$node"; do
    refuse_ended_agent "$node" || exit 1
    (($(now_ms) - started < UP_TIMEOUT_MS)) ||
      die "$node is not healthy after $(seconds "$UP_TIMEOUT_MS"); its log: $(node_dir "$node")/agent.log"
    sleep 0.1
  done
  say "$node is healthy after $(seconds $(($(now_ms) - started)))"
}

# Everything of the node at once, as when its power fails: the supervisor must not restart it, and nothing may say goodbye.
kill_node() {
  local node=$1 pids round
  for round in 1 2 3 4 5; do
    pids=$(supervisor_pid "$node" || true; node_processes "$node")
    if [[ -z $pids ]]; then
      ((round > 1)) || die "$node does not run"
      rm -f -- "$(node_dir "$node")/supervisor.pid" "$(node_dir "$node")/agent.pid"
      say "$node is dead. It comes back with: $DEMO_COMMAND start $node"
      return
    fi
    # shellcheck disable=SC2086 # one argument for each process
    kill -9 $pids 2>/dev/null || true
    sleep 0.1
  done
  die "processes of $node do not die: ${pids//$'\n'/ }"
}

# --- the end ---------------------------------------------------------------------------------------------------------

anything_runs() {
  local node
  for node in "${NODES[@]}"; do
    supervisor_pid "$node" >/dev/null || agent_pid "$node" >/dev/null || postmaster_pid "$node" >/dev/null || continue
    return 0
  done
  return 1
}

# Waits until no agent and no PostgreSQL runs; fails after $1 ms.
wait_stopped() {
  local started
  started=$(now_ms)
  while anything_runs; do
    (($(now_ms) - started < $1)) || return 1
    sleep 0.1
  done
}

# Stops the whole cluster: asked for through the store, so that nobody hands over; what does not follow is ended by force.
stop_all() {
  local node pid started
  trap '' INT
  started=$(now_ms)
  if ! anything_runs; then
    say "nothing of the demo in $DEMO_STATE runs"
    return
  fi
  say "stopping the cluster"
  for node in "${NODES[@]}"; do
    [[ ! -d $(node_dir "$node") ]] || : >"$(node_dir "$node")/stopping"
    # One that waits to start its agent again has nothing left to wait for.
    if ! agent_pid "$node" >/dev/null && pid=$(supervisor_pid "$node"); then
      kill -TERM "$pid" 2>/dev/null || true
    fi
  done
  if any_agent && { ! ask_to_stop || ! wait_agents "$((STOP_TIMEOUT_MS / 2))"; }; then
    say "not all agents follow the wish to stop; these are ended one by one"
    for node in "${NODES[@]}"; do
      if pid=$(agent_pid "$node"); then
        kill -TERM "$pid" 2>/dev/null || true
      fi
    done
    wait_agents "$((STOP_TIMEOUT_MS / 2))" || true
  fi
  if wait_stopped 1000; then
    say "stopped in $(seconds $(($(now_ms) - started)))"
    return
  fi
  stop_by_force
}

# Waits until no agent runs; fails after $1 ms.
wait_agents() {
  local started
  started=$(now_ms)
  while any_agent; do
    (($(now_ms) - started < $1)) || return 1
    sleep 0.1
  done
}

any_agent() {
  local node
  for node in "${NODES[@]}"; do
    if agent_pid "$node" >/dev/null; then
      return 0
    fi
  done
  return 1
}

ask_to_stop() {
  local node
  for node in "${NODES[@]}"; do
    agent_pid "$node" >/dev/null || continue
    timeout 20 "$QUORATE" stop-cluster --force -c "$(node_dir "$node")/$node.yml" </dev/null >&2 && return 0
  done
  return 1
}

# For agents that hang and for a PostgreSQL that lost its agent. PostgreSQL is shut down in good order where it still can.
stop_by_force() {
  local node pid
  for node in "${NODES[@]}"; do
    if pid=$(supervisor_pid "$node"); then
      say "ending what is left of $node (its log: $(node_dir "$node")/agent.log)"
      kill -9 "$pid" 2>/dev/null || true
    fi
    if pid=$(agent_pid "$node"); then
      kill -9 "$pid" 2>/dev/null || true
    fi
  done
  for node in "${NODES[@]}"; do
    if pid=$(postmaster_pid "$node"); then
      say "stopping the PostgreSQL of $node, which no agent looks after"
      "$DEMO_PG_BIN/pg_ctl" stop -D "$(node_dir "$node")/data" -m fast -t 30 >/dev/null ||
        "$DEMO_PG_BIN/pg_ctl" stop -D "$(node_dir "$node")/data" -m immediate -t 10 >/dev/null || true
    fi
    pid=$(node_processes "$node")
    # shellcheck disable=SC2086 # one argument for each process
    [[ -z $pid ]] || kill -9 $pid 2>/dev/null || true
  done
  wait_stopped 5000 || die "something of the demo still runs; see: ps -fu $(id -un)"
  say "stopped, not in good order"
}

# One command at a time changes the demo. The lock ends with unlock or this process; the agents' supervisors do not keep it.
lock() {
  exec {LOCK}>"$DEMO_STATE/lock"
  flock -w "$1" "$LOCK" || die "another command is changing the demo in $DEMO_STATE right now"
}

unlock() {
  exec {LOCK}>&-
}

# For the build: takes the recorded node through what a node's life has, so that the cache holds the classes of it all: it
# joins, is asked by everybody, and becomes the primary. Nobody waits for the others to end in good order.
record() {
  local path started
  trap 'stop_by_force' EXIT
  up yes
  for path in / /primary /replica /health /liveness /readiness /patroni /cluster /history /config /metrics; do
    http_ok "$(node_port "$DEMO_RECORD" rest)" "$path" >/dev/null || true
  done
  QUORATE_AOT_OUTPUT=$DEMO_STATE/quorate-cli.aot "$QUORATE" list -c "$(node_dir "$DEMO_RECORD")/$DEMO_RECORD.yml" </dev/null >&2
  kill_node node1
  started=$(now_ms)
  while ! http_ok "$(node_port "$DEMO_RECORD" rest)" /primary >/dev/null; do
    (($(now_ms) - started < UP_TIMEOUT_MS)) || die "$DEMO_RECORD did not become the primary"
    sleep 0.1
  done
  started=$(now_ms)
  # The store may still be looking for the member that is gone.
  until "$QUORATE" stop-cluster --force -c "$(node_dir "$DEMO_RECORD")/$DEMO_RECORD.yml" </dev/null >&2; do
    (($(now_ms) - started < STOP_TIMEOUT_MS)) || die "the cluster cannot be asked to stop"
  done
  started=$(now_ms)
  # The cache is written by a process of its own when the recorded agent ends.
  while agent_pid "$DEMO_RECORD" >/dev/null; do
    (($(now_ms) - started < STOP_TIMEOUT_MS)) || die "the agent of $DEMO_RECORD does not end"
    sleep 0.1
  done
  trap - EXIT
  if anything_runs; then
    stop_by_force
  fi
}

reset() {
  if anything_runs; then
    stop_all
  fi
  rm -rf -- "$DEMO_STATE"/node[123] "$DEMO_STATE"/{program,settings,password,tls}
  say "removed what was in $DEMO_STATE"
}

main() {
  local verb=$1
  case $verb in
    up)
      lock 0
      up "$2"
      return
      ;;
    check)
      load_settings same
      refuse_taken_ports
      return
      ;;
    *) load_settings any ;;
  esac
  case $verb in
    stop)
      lock "$((UP_TIMEOUT_MS / 1000))"
      stop_all
      ;;
    reset)
      lock "$((UP_TIMEOUT_MS / 1000))"
      reset
      ;;
    start)
      lock 0
      start_node "$2"
      ;;
    kill) kill_node "$2" ;;
    record)
      lock 0
      record
      ;;
    status) status_view ;;
    *) die "unknown verb '$verb'" ;;
  esac
}

main "$@"
