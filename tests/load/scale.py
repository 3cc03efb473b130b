#!/usr/bin/env python3
"""How a shop answers whose catalogue is large: made-up products, SQLite, one worker, nothing kept ready.

Seeds a shop (or takes the one in FOLDER, if it has been seeded), removes its search index, serves it, and prints how long
the index takes to build, how long pages by cursor, searches and suggestions take, and the anonymous memory afterwards.
Nothing is asserted here. Aims, up to a million products: index 3 minutes, a page 5 ms and a search 20 ms for 99 of 100,
100 MB beside the cache.

Usage: tests/load/scale.py PROGRAM FOLDER COUNT
"""

import http.client
import json
import os
import random
import shutil
import subprocess
import sys
import time

PORT = 18130
KINDS = ["mug", "backpack", "notebook", "headphones", "chair", "plate", "saucepan", "rain jacket", "winter coat", "tent",
         "USB-C cable", "sleeping bag", "puzzle", "wooden train", "spade", "water bottle"]
WORDS = ["classic", "compact", "light", "folding", "waterproof", "nordic", "studio", "travel", "black", "oak", "leather"]
LISTS = ["", "sort=price", "sort=-price", "sort=name", "category=kitchen", "category=kitchen&sort=price",
         "category=garden", "category=games", "category=games&sort=price", "category=games&sort=name", "in_stock=true", "price_min=5000&price_max=6000", "price_min=5000&price_max=6000&sort=price"]
PAGES = 200


class Shop:
    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def get(self, path):
        begun = time.perf_counter()
        self.connection.request("GET", "/api/v1" + path)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status != 200:
            sys.exit(f"{path}: {answer.status} {body[:300]}")
        return took, json.loads(body)

    def is_ready(self):
        try:
            self.connection.request("GET", "/health/ready")
            answer = self.connection.getresponse()
            answer.read()
            return answer.status < 300
        except OSError:
            self.connection.close()
            return False


def tell(what, times):
    times.sort()
    half, most = times[len(times) // 2], times[int(len(times) * 0.99)]
    print(f"{what:48} {len(times):4}: half {half:8.2f} ms, 99 of 100 {most:8.2f} ms", flush=True)


def pages(shop, query):
    times, cursor = [], None
    while len(times) < PAGES:
        took, page = shop.get(f"/products?limit=20&{query}" + (f"&cursor={cursor}" if cursor else ""))
        times.append(took)
        cursor = page["page"]["next_cursor"]
        if not cursor:
            break
    tell("list " + query, times)


def ask(shop, what, route, texts):
    tell(what, [shop.get(f"{route}?q={text.replace(' ', '%20')}")[0] for text in dict.fromkeys(texts)])


def measure(shop):
    # The makers of few products.
    _, brands = shop.get("/brands")
    rare = [f"brand={brands['items'][-1]['slug']}{sort}" for sort in ["", "&sort=price"]]
    for query in LISTS + rare:
        pages(shop, query)
    chance = random.Random(5)
    ask(shop, "search by one word", "/search", KINDS + WORDS)
    ask(shop, "search by several words", "/search", [
        f"{chance.choice(WORDS)} {chance.choice(KINDS)} {chance.choice(WORDS)}" for _ in range(300)
    ])
    ask(shop, "search by a misspelt word", "/search", [kind[:-2] + "x" + kind[-1] for kind in KINDS if len(kind) > 4])
    ask(shop, "suggest", "/search/suggest", [word[:3] for word in KINDS + WORDS])


def main():
    program, folder, count = sys.argv[1:]
    settings = [program, "--demo", "--data-dir", folder]
    if not os.path.exists(os.path.join(folder, "shop.db")):
        begun = time.time()
        subprocess.run([*settings, "seed", "--products", count], check=True, env={**os.environ, "RUST_LOG": "warn"})
        print(f"seeding {count}: {time.time() - begun:.0f} s", flush=True)
    shutil.rmtree(os.path.join(folder, "search"), ignore_errors=True)
    serve = ["serve", "--rate-limit", "off", "--workers", "1", "--cache-megabytes", "1", "--port", str(PORT)]
    with open(os.path.join(folder, "serve.log"), "w") as log:
        server = subprocess.Popen([*settings, *serve], stdout=log, stderr=log)
    try:
        begun, shop = time.time(), Shop()
        while not shop.is_ready():
            time.sleep(0.1)
        print(f"index: {time.time() - begun:.1f} s", flush=True)
        measure(shop)
        with open(f"/proc/{server.pid}/status") as status:
            anonymous = next(line for line in status if line.startswith("RssAnon"))
        print(f"anonymous memory: {int(anonymous.split()[1]) / 1024:.0f} MB")
    finally:
        server.terminate()
        server.wait()


main()
