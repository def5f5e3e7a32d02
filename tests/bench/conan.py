#!/usr/bin/env python3
"""What `conan install` of many packages costs: the client's wall time, and the server's CPU time for each request.

    python3 tests/bench/conan.py target/release/packhouse [PACKAGES=20] [ROUNDS=5]

Makes packages with Conan 2 (the one that tests/run.sh installs), uploads them, and installs all of them several times, each
time in a home without a cache; then once more in a home that has everything, which asks the server nothing: what is left is the
client's own time. CPU time is that of all threads of the server, requests are counted by its log.
Nothing is asserted: read it, compare it with the table in README.md.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = "glpat-token-of-the-conan-bench"
CLIENTS = os.environ.get("PACKHOUSE_CLIENTS") or os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "packhouse-tests")
CONAN = os.path.join(CLIENTS, "python/conan2/bin/conan")
PROFILE = "[settings]\nos=Linux\narch=x86_64\ncompiler=gcc\ncompiler.version=12\ncompiler.libcxx=libstdc++11\nbuild_type=Release\n"
RECIPE = """
import os
from conan import ConanFile
from conan.tools.files import save
class Lib(ConanFile):
    name = "{name}"
    version = "1.0"
    settings = "os", "arch", "compiler", "build_type"
    exports_sources = "conanfile.py"
    def package(self):
        save(self, os.path.join(self.package_folder, "lib.txt"), "{name}" * 2000)
"""


class Server:
    def __init__(self, binary, data):
        env = {**os.environ, "PACKHOUSE_ROOT_TOKEN": TOKEN}
        self.requests = 0
        self.process = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        for line in self.process.stderr:
            if line.startswith("listening on http://"):
                self.port = int(line.rsplit(":", 1)[1])
                break
        else:
            raise SystemExit("the server did not start")
        threading.Thread(target=self.count, daemon=True).start()

    def count(self):
        for line in self.process.stderr:
            self.requests += "/packages/conan" in line

    def cpu(self):
        # The process's CPU clock (clock_getcpuclockid(3)): it counts threads that have ended, too.
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def home(root, name, url):
    folder = os.path.join(root, name)
    os.makedirs(os.path.join(folder, "profiles"))
    with open(os.path.join(folder, "profiles/default"), "w") as file:
        file.write(PROFILE)
    with open(os.path.join(folder, "remotes.json"), "w") as file:
        json.dump({"remotes": [{"name": "gl", "url": url, "verify_ssl": True}]}, file)
    return folder


def conan(folder, *args):
    env = {"PATH": os.environ["PATH"], "HOME": folder, "CONAN_HOME": folder, "CONAN_LOGIN_USERNAME": "root", "CONAN_PASSWORD": TOKEN, "LANG": "C.UTF-8"}
    started = time.perf_counter()
    subprocess.run([CONAN, *args], env=env, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return time.perf_counter() - started


def main():
    binary, packages, rounds = sys.argv[1], *(int(number) for number in (sys.argv[2:] + ["20", "5"][len(sys.argv) - 2:]))
    root = tempfile.mkdtemp(prefix="conan-bench-")
    try:
        server = Server(binary, os.path.join(root, "data"))
        url = f"http://127.0.0.1:{server.port}/api/v4/projects/1/packages/conan"
        maker = home(root, "maker", url)
        names = [f"lib{number:03}" for number in range(packages)]
        for name in names:
            with open(os.path.join(maker, "conanfile.py"), "w") as file:
                file.write(RECIPE.format(name=name))
            conan(maker, "create", maker)
        measure("upload", server, packages, lambda: conan(maker, "upload", "lib*", "-r", "gl", "-c"))
        wanted = [f"--requires={name}/1.0" for name in names]
        rows = []
        for number in range(rounds):
            user = home(root, f"user{number}", url)
            rows.append(measure("install", server, packages, lambda: conan(user, "install", *wanted, "-r", "gl")))
        wall, each = (statistics.median(column) for column in zip(*rows))
        print(f"install, median of {rounds}: {wall:.2f} s, {each * 1e6:.0f} us of server CPU for each request")
        measure("install, everything there", server, packages, lambda: conan(user, "install", *wanted, "-r", "gl"))
        server.stop()
    finally:
        shutil.rmtree(root)


def measure(what, server, packages, work):
    requests, cpu = server.requests, server.cpu()
    wall = work()
    time.sleep(0.3)  # until the log has been read
    requests, cpu = server.requests - requests, server.cpu() - cpu
    each = cpu / requests if requests else 0
    print(f"{what} of {packages}: {wall:.2f} s, {requests} requests, {cpu * 1e3:.1f} ms of server CPU, {each * 1e6:.0f} us each", flush=True)
    return wall, each


if __name__ == "__main__":
    main()
