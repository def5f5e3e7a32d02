#!/usr/bin/env python3
"""What `composer install` of many packages costs: how long the client waits, and the server's CPU time for each request.

    python3 tests/bench/composer.py target/release/packhouse [PACKAGES=50] [ROUNDS=20]

Uploads so many packages of some 40 KiB to a fresh server, writes an application that wants all of them, and runs the real
Composer: an update with an empty cache, an install from the lock file with an empty cache, an update with everything in the
cache. Printed: medians of wall time, the requests that the server saw, and its CPU time for each (user and system, 10 ms
resolution over all rounds together). Nothing is asserted: read it.
"""
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile

from lists import TOKEN, cpu, start


def package(name):
    """A zip as Git hosts make them, with text that does not pack to nothing."""
    noise = random.Random(name)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("top/composer.json", json.dumps({
            "name": name, "description": "one of many", "license": "MIT", "autoload": {"psr-4": {f"P{noise.getrandbits(32):x}\\": "src/"}}}))
        for i in range(20):
            archive.writestr(f"top/src/File{i}.php", "<?php // " + "%x" % noise.getrandbits(16000))
    return file.getvalue()


def upload(base, name, version):
    request = urllib.request.Request(f"{base}?version={version}", package(name), {"PRIVATE-TOKEN": TOKEN}, method="PUT")
    urllib.request.urlopen(request).read()


class Client:
    """Composer with a home of its own."""

    def __init__(self, folder, url, names):
        self.work, self.home = f"{folder}/work", f"{folder}/home"
        os.makedirs(self.work)
        os.makedirs(self.home)
        host = url.split("/")[2]
        self.write(f"{self.work}/composer.json", {
            "name": "acme/app", "require": {name: "*" for name in names}, "config": {"secure-http": False},
            "repositories": [{"type": "composer", "url": f"{url}/packages.json"}, {"packagist.org": False}]})
        self.write(f"{self.home}/auth.json", {"http-basic": {host: {"username": "x", "password": TOKEN}}})

    def write(self, path, value):
        with open(path, "w") as file:
            json.dump(value, file)

    def forget(self, *paths):
        for path in paths:
            shutil.rmtree(path, ignore_errors=True)

    def run(self, *args):
        env = {"PATH": os.environ["PATH"], "HOME": self.home, "COMPOSER_HOME": self.home, "COMPOSER_ALLOW_SUPERUSER": "1",
               "COMPOSER_CACHE_DIR": f"{self.home}/cache"}
        t = time.perf_counter()
        subprocess.run(["composer", "-n", *args], cwd=self.work, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - t


def main():
    binary = sys.argv[1]
    count, rounds = (int(sys.argv[i]) if len(sys.argv) > i else default for i, default in ((2, 50), (3, 20)))
    with tempfile.TemporaryDirectory() as folder:
        server, port, _ = start(binary, f"{folder}/data")
        lines = []
        threading.Thread(target=lambda: lines.extend(server.stderr), daemon=True).start()
        try:
            url = f"http://127.0.0.1:{port}/api/v4/projects/1/packages/composer"
            names = [f"acme/package-{i}" for i in range(count)]
            t = time.perf_counter()
            for name in names:
                upload(url, name, "1.0.0")
            took = time.perf_counter() - t
            print(f"{count} packages of {len(package(names[0])) >> 10} KiB; uploads, one after the other: {count / took:.0f}/s\n")
            client = Client(folder, url, names)
            vendor, cache, lock = f"{client.work}/vendor", f"{client.home}/cache", f"{client.work}/composer.lock"
            client.run("update")
            print("| work | wall s | server requests | server CPU µs each | server CPU of the wall |\n|---|---|---|---|---|")
            for what, args, gone in (("update, empty cache", ["update"], [vendor, cache]),
                                     ("install from the lock file, empty cache", ["install"], [vendor, cache]),
                                     ("update, everything in the cache", ["update"], [])):
                times, before, begun = [], cpu(server.pid), len(lines)
                for _ in range(rounds):
                    client.forget(*gone)
                    if args == ["update"] and gone:
                        os.remove(lock)
                    times.append(client.run(*args))
                time.sleep(0.2)  # the last log lines are on their way
                used, seen = cpu(server.pid) - before, len(lines) - begun
                each = used / seen * 1e6 if seen else 0
                print(f"| {what} | {statistics.median(times):.2f} | {seen / rounds:.0f} | {each:.0f} | {used / sum(times):.1%} |", flush=True)
        finally:
            server.terminate()
            server.wait(30)


if __name__ == "__main__":
    main()
