#!/usr/bin/env python3
"""Compares how long answers take for e-mail addresses that have an account and for those that have none.

Log-in with a wrong password, registration where accounts need a confirmed address, and forgot-password: for each, 200
requests of either kind in random order, over one connection. Prints the medians and how far they differ. Aim: 5 %.
Nothing is asserted here.

Seen on two cores, in this order: 0.3 %, 0.5 % and 0.2 % on SQLite; 0.6 %, 0.8 % and 0.2 % on PostgreSQL.

Usage: tests/load/timing.py PROGRAM [arguments of the server, as --database-url postgres://…]
"""

import http.client
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time

PORT = 18081
ROUNDS = 200
PASSWORD = "seven drizzled otters hum"


def start(program, folder, arguments):
    command = [program, "serve", "--demo", "--rate-limit", "off", "--port", str(PORT), "--data-dir", folder, *arguments]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status < 300:
                return server
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("the server does not get ready")


def stop(server):
    server.terminate()
    server.wait()


class Client:
    def __init__(self):
        self.connection = http.client.HTTPConnection("127.0.0.1", PORT)

    def post(self, path, body, expected):
        """Milliseconds until the whole answer is there."""
        text = json.dumps(body)
        begun = time.perf_counter()
        self.connection.request("POST", "/api/v1/auth/" + path, text, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status != expected:
            sys.exit(f"{path}: {answer.status} instead of {expected}")
        return took


def compare(name, ask):
    """`ask` sends one request for the address of this number: known below ROUNDS, unknown from there on."""
    times = {"known": [], "unknown": []}
    numbers = list(range(2 * ROUNDS))
    random.shuffle(numbers)
    for number in numbers:
        times["known" if number < ROUNDS else "unknown"].append(ask(number))
    known, unknown = (statistics.median(times[kind]) for kind in ("known", "unknown"))
    apart = abs(known - unknown) / min(known, unknown) * 100
    print(f"{name:16}: {known:8.2f} ms known, {unknown:8.2f} ms unknown, {apart:4.1f} % apart", flush=True)


def main():
    program, *arguments = sys.argv[1:] or sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        server = start(program, folder, arguments)
        client = Client()
        address = "timing-{}@example.com".format
        for number in range(ROUNDS):
            client.post("register", {"email": address(number), "password": PASSWORD}, 201)
        stop(server)
        server = start(program, folder, ["--verified-registration", "true", *arguments])
        client = Client()
        wrong = "another password, quite long"
        compare("log-in", lambda it: client.post("login", {"email": address(it), "password": wrong}, 401))
        compare("forgot-password", lambda it: client.post("forgot-password", {"email": address(it)}, 202))
        compare("registration", lambda it: client.post("register", {"email": address(it), "password": PASSWORD}, 202))
        stop(server)


main()
