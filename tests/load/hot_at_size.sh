#!/usr/bin/env bash
# How many kept answers a second one core gives out in a large shop, beside a small one. The servers take turns on one core;
# wrk has the other. Prints requests a second of both, the bytes of their answers, and the ratio, the median of five rounds.
# Aim: 90 %. Nothing is asserted here.
#
# Needs wrk, taskset and curl. Usage: tests/load/hot_at_size.sh PROGRAM SMALL LARGE, two data folders of demo shops, made by
# PROGRAM --demo --data-dir SMALL seed --products 1000, and the like
set -euo pipefail
program=$1 small=$2 large=$3
said=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$said"' EXIT

serve() {
  taskset -c 0 "$program" serve --demo --rate-limit off --workers 1 --port "$2" --data-dir "$1" \
    >"$said/$2" 2>"$said/$2.log" &
  curl --fail --silent --output "$said/ready" --retry 600 --retry-delay 1 --retry-all-errors \
    "http://127.0.0.1:$2/health/ready"
}

rate() {
  taskset -c 1 wrk -t1 -c32 -d4s "$1" | awk '/Requests\/sec/ { print $2 }'
}

serve "$small" 18091
serve "$large" 18092
for path in product "products?limit=20" "products?limit=20&sort=price" "search?q=mug"; do
  urls=()
  for port in 18091 18092; do
    base=http://127.0.0.1:$port/api/v1
    if [ "$path" = product ]; then
      url=$base/products/$(curl --silent "$base/products?limit=1" | grep -o 'prod_[a-z0-9]*' | head -n 1)
    else
      url=$base/$path
    fi
    urls+=("$url")
  done
  bytes="$(curl --silent "${urls[0]}" | wc -c) and $(curl --silent "${urls[1]}" | wc -c)"
  for _ in 1 2 3 4 5; do
    echo "$(rate "${urls[0]}") $(rate "${urls[1]}")"
  done >"$said/rates"
  awk '{ print $0, 100 * $2 / $1 }' "$said/rates" | sort -n -k 3 | sed -n 3p |
    awk -v path="$path" -v bytes="$bytes" '{ printf "%s: %d a second, %d in the large shop (%s bytes), %.0f %%\n", path, $1, $2, bytes, $3 }'
done
