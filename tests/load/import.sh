#!/usr/bin/env bash
# Imports both catalogues of the shared data into an SQLite shop, then serves it, and prints what that costs:
# seconds, and anonymous memory (RssAnon), which is what a machine has to have; the rest of RSS is mapped files.
# Nothing is asserted here. Aims: the 19,406 products in under 15 s and 150 MB; the idle server under 60 MB; its first
# answer within 500 ms.
#
# Usage: tests/load/import.sh [PROGRAM]     builds one in release where none is given
set -euo pipefail
cd "$(dirname "$0")/../.."

data=${SHARED_DATA:-../shared/data}
program=${1:-}
if [ -z "$program" ]; then
  cargo build --release --quiet
  program=target/release/cartwright
fi
port=${PORT:-18080}
folder=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT

now() { date +%s%N; }
kilobytes() { awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status" 2>/dev/null || true; }
megabytes() { awk -v kilobytes="$1" 'BEGIN { printf "%.1f MB", kilobytes / 1024 }'; }
seconds_since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.2f s", (to - from) / 1e9 }'; }
settings=(--demo --data-dir "$folder")

# Runs an import and samples its memory every 20 ms.
measure_import() {
  local name=$1
  shift
  local begun peak=0 anonymous
  begun=$(now)
  RUST_LOG=warn "$program" import "$@" "${settings[@]}" >"$folder/report" 2>"$folder/progress" &
  local import=$!
  while anonymous=$(kilobytes "$import" RssAnon) && [ -n "$anonymous" ]; do
    [ "$anonymous" -le "$peak" ] || peak=$anonymous
    sleep 0.02
  done
  local status=0
  wait "$import" || status=$?
  echo "$name: $(seconds_since "$begun"), at most $(megabytes "$peak") anonymous, exit $status: $(tail -n 1 "$folder/report")"
}

measure_import "demo file            " "$data/demo/catalogue.json" --map tests/data/demo.toml
measure_import "demo file again      " "$data/demo/catalogue.json" --map tests/data/demo.toml
measure_import "19,406 products      " "$data/icecat-products.jsonl.gz" --map tests/data/icecat.toml
measure_import "19,406 products again" "$data/icecat-products.jsonl.gz" --map tests/data/icecat.toml

begun=$(now)
RUST_LOG=warn "$program" serve "${settings[@]}" --port "$port" >"$folder/log" 2>&1 &
server=$!
answers() { curl --silent --fail --output /dev/null --max-time 5 "http://127.0.0.1:$port$1"; }
until answers "/api/v1/products?limit=1"; do
  kill -0 "$server" 2>/dev/null || { cat "$folder/log"; exit 1; }
  sleep 0.005
done
echo "server, first answer : $(seconds_since "$begun")"
until answers /health/ready; do sleep 0.005; done
echo "server, ready        : $(seconds_since "$begun")"
sleep 3
echo "server, idle         : $(megabytes "$(kilobytes "$server" RssAnon)") anonymous, $(megabytes "$(kilobytes "$server" VmRSS)") in all"
begun=$(now)
for word in printer laptop cable "hp%20notebook" "usb%20c%20hub"; do
  for _ in 1 2 3 4 5 6 7 8 9 10; do answers "/api/v1/search?q=$word&with_total=true&currency=USD"; done
done
echo "server, 50 searches  : $(seconds_since "$begun"), then $(megabytes "$(kilobytes "$server" RssAnon)") anonymous"
