#!/usr/bin/env bash
# How many kept answers a second one core gives out, beside a bare actix-web handler that answers with the same bytes and
# headers and writes the same line to its log. The servers take turns on one core; wrk has the other. Prints requests a
# second of both, and their ratio, the median of five rounds. Aim: 85 %. Nothing is asserted here.
#
# Seen on two cores: 93, 94 and 95 %.
#
# Needs wrk, taskset and curl. Usage: tests/load/hot_reads.sh [PROGRAM BARE]     builds both in release where none is given
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ $# = 0 ]; then
  cargo build --release --quiet --bin cartwright --example bare
  set -- target/release/cartwright target/release/examples/bare
fi
program=$1 bare=$2
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$folder"' EXIT

wait_for() {
  curl --fail --silent --output "$folder/ready" --retry 50 --retry-delay 1 --retry-all-errors "$1"
}

rate() {
  taskset -c 1 wrk -t1 -c32 -d4s "$1" | awk '/Requests\/sec/ { print $2 }'
}

taskset -c 0 "$program" serve --demo --rate-limit off --workers 1 --port 18091 --data-dir "$folder/shop" \
  >"$folder/said" 2>"$folder/log" &
wait_for http://127.0.0.1:18091/health/ready
product=$(curl --silent "http://127.0.0.1:18091/api/v1/products?limit=1" | grep -o 'prod_[a-z0-9]*' | head -n 1)

for path in "products/$product" "products?limit=20" "search?q=mug"; do
  url=http://127.0.0.1:18091/api/v1/$path
  curl --silent --include "$url" >"$folder/answer"
  taskset -c 0 "$bare" 18092 "$folder/answer" 2>"$folder/bare.log" &
  beside=$!
  wait_for http://127.0.0.1:18092/
  for _ in 1 2 3 4 5; do
    echo "$(rate "$url") $(rate http://127.0.0.1:18092/)"
  done >"$folder/rates"
  kill "$beside"
  awk '{ print $0, 100 * $1 / $2 }' "$folder/rates" | sort -n -k 3 | sed -n 3p |
    awk -v path="$path" '{ printf "%s: %d a second of %d, %.0f %%\n", path, $1, $2, $3 }'
done
