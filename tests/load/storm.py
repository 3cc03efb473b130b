#!/usr/bin/env python3
"""A storm of log-ins, and how the catalogue fares meanwhile.

200 connections log in for a minute as fast as they are let, with the right password of one account. Beside them, one
reader in a process of its own asks for products and the list of them, 200 times a second. Prints the log-ins a second,
beside those of one connection alone before the storm; every status with its count; and the reader's latencies. Aims: the reader's p99 under 50 ms;
no status of the 500s but 503, and that with Retry-After; log-ins at the rate that one thread of bcrypt for every two
cores allows. Nothing is asserted here.

The storm comes twice: with clients that wait as Retry-After says, and with clients that do not.

Seen on two cores which the clients share, with SQLite: one connection alone 4.76 log-ins a second; patient clients 4.78,
reads' median 1.0 ms and p99 3.0 ms; impatient clients 4.74, median 1.3 ms and p99 4.7 ms; only 200 and 503 with Retry-After.
With PostgreSQL on the same cores: 4.51 alone; 4.47 and 4.66, reads' p99 3.2 ms and 3.8 ms.

Usage: tests/load/storm.py PROGRAM [arguments of the server, as --database-url postgres://…]
"""

import asyncio
import collections
import http.client
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 18083
CONNECTIONS = 200
SECONDS = 60
READS_A_SECOND = 200


def start(program, folder, arguments):
    command = [program, "serve", "--demo", "--rate-limit", "off", "--port", str(PORT), "--data-dir", folder, *arguments]
    log = open(os.path.join(folder, "storm.log"), "w")
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    for _ in range(300):
        try:
            if get("/health/ready")[0] < 300:
                return server
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the server does not get ready")


def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def login_request(folder):
    with open(os.path.join(folder, "demo-accounts.json")) as file:
        customer = json.load(file)["customer"]
    body = json.dumps({"email": customer["email"], "password": customer["password"]})
    head = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n{body}".encode()


async def ask(reader, writer, request):
    """The status of the answer, and what Retry-After says."""
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status, fields = int(head.split(" ", 2)[1]), {}
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        fields[name.lower()] = value.strip()
    await reader.readexactly(int(fields.get("content-length", 0)))
    return status, fields.get("retry-after")


async def log_in_until(end, request, patient, counts):
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    while time.monotonic() < end:
        status, retry_after = await ask(reader, writer, request)
        counts[f"{status}" if status != 503 or retry_after else "503 without Retry-After"] += 1
        if patient and retry_after:
            await asyncio.sleep(int(retry_after))
    writer.close()


async def storm(request, patient, counts):
    end = time.monotonic() + SECONDS
    await asyncio.gather(*(log_in_until(end, request, patient, counts) for _ in range(CONNECTIONS)))


def read_until(end, results):
    """Milliseconds of each read, one after the other at a steady pace: a late one does not hide those behind it."""
    products = [item["id"] for item in json.loads(get("/api/v1/products?limit=20")[1])["items"]]
    paths = [f"/api/v1/products/{it}" for it in products] + ["/api/v1/products?limit=20"]
    connection = http.client.HTTPConnection("127.0.0.1", PORT)
    took, statuses, number, begun = [], collections.Counter(), 0, time.perf_counter()
    while time.monotonic() < end:
        due = begun + number / READS_A_SECOND
        time.sleep(max(0.0, due - time.perf_counter()))
        connection.request("GET", paths[number % len(paths)])
        answer = connection.getresponse()
        answer.read()
        statuses[answer.status] += 1
        took.append((time.perf_counter() - due) * 1000)
        number += 1
    results.put((took, dict(statuses)))


def run(name, request, patient):
    results = multiprocessing.Queue()
    reader = multiprocessing.Process(target=read_until, args=(time.monotonic() + SECONDS, results))
    reader.start()
    counts = collections.Counter()
    begun = time.monotonic()
    asyncio.run(storm(request, patient, counts))
    elapsed = time.monotonic() - begun
    took, statuses = results.get()
    reader.join()
    took.sort()
    median, p99 = statistics.median(took), took[int(len(took) * 0.99)]
    print(f"{name}: {counts['200'] / elapsed:.2f} log-ins a second; answers {dict(counts)}")
    print(f"  reads: {len(took)}, {statuses}, median {median:.1f} ms, p99 {p99:.1f} ms, longest {took[-1]:.1f} ms", flush=True)


def alone(request):
    """Log-ins a second of one connection: what one thread of bcrypt allows."""

    async def measure():
        counts = collections.Counter()
        begun = time.monotonic()
        await log_in_until(begun + 10, request, False, counts)
        return counts["200"] / (time.monotonic() - begun)

    print(f"one connection alone: {asyncio.run(measure()):.2f} log-ins a second", flush=True)


def main():
    program, *arguments = sys.argv[1:] or sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        server = start(program, folder, arguments)
        request = login_request(folder)
        alone(request)
        run("patient clients", request, patient=True)
        run("impatient clients", request, patient=False)
        server.terminate()
        server.wait()


main()
