#!/bin/bash
# run.sh busy|many [RUNS]        Tongke and Hocuspocus by turns, RUNS (5) of each; medians
# run.sh lost|alive [KILLS]      kill -9 of the server KILLS (30) times, all clients lost with it or alive
# Raw lines go to results/WORKLOAD.jsonl (begun anew), the table to the terminal.
set -euo pipefail
cd "$(dirname "$0")"
workload=$1
[ -d node_modules ] || npm ci --no-audit --no-fund --silent
mkdir -p results
out=results/$workload.jsonl
: > "$out"

# A measured run gets a scheduler group of its own with raised weight where the kernel groups by terminal, so that neighbours
# disturb it less; the generator is pinned to core 1, the server to core 0 (lib/peers.mjs), whoever the peer is.
measured() { setsid -w bash -c '{ echo -12 > /proc/self/autogroup; } 2>/dev/null; exec timeout 120 taskset -c 1 node bench.mjs "$@"' _ "$@"; }

case $workload in
  busy | many)
    for _ in $(seq "${2:-5}"); do
      for peer in tongke hocuspocus; do measured "$workload" --peer $peer >> "$out" || true; done
    done ;;
  lost | alive)
    for _ in $(seq "${2:-30}"); do measured kill --peer tongke --clients "$workload" >> "$out" || true; done ;;
  *) sed -n '2,4p' "$0"; exit 2 ;;
esac
node show.mjs "$out"
