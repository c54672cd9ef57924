#!/usr/bin/env bash
# supervise.sh NODE_DIR CONFIG QUORATE yes|no: keeps one agent of a demo running, as systemd does on a real host.
# An agent that ends with status 0 was asked to stop together with its cluster and stays down; so does one that refuses to
# start (status 78, its log says why) or was called wrongly (2), and one whose directory has a file `stopping`. Any other is
# started again after 5 s if the last argument is yes.
set -euo pipefail

main() {
  local dir=$1 config=$2 quorate=$3 restart=$4 agent status
  printf '%s\n' "$$" >"$dir/supervisor.pid"
  trap 'rm -f -- "$dir/supervisor.pid"' EXIT
  while :; do
    QUORATE_DEMO_NODE=$dir "$quorate" run "$config" >>"$dir/agent.log" 2>&1 </dev/null &
    agent=$!
    printf '%s\n' "$agent" >"$dir/agent.pid"
    status=0
    wait "$agent" || status=$?
    rm -f -- "$dir/agent.pid"
    printf '%s\n' "$status" >"$dir/agent.status"
    if ((status == 0 || status == 2 || status == 78)) || [[ -e $dir/stopping || $restart != yes ]]; then
      printf -- '--- the agent ended with status %d and stays down\n' "$status" >>"$dir/agent.log"
      return
    fi
    printf -- '--- the agent ended with status %d; it starts again in 5 s\n' "$status" >>"$dir/agent.log"
    sleep 5
    [[ ! -e $dir/stopping ]] || return 0
  done
}

main "$@"
