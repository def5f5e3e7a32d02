#!/usr/bin/env python3
"""What a restore of 100 NuGet packages costs: the requests of a current dotnet, replayed.

    python3 tests/bench/nuget.py target/release/packhouse [PACKAGES=100] [ROUNDS=20]

Fills a fresh private project with packages of 20 KiB in 10 versions each, then restores them all as dotnet does: the
service index, for each id its versions (first without credentials, then with them after the challenge), and the newest
package, over 8 connections; then once more with the registrations, as `dotnet list package --outdated` asks for them.
Printed: wall time of a restore, the server's CPU time of each request (user and system), and the same for pushes.
Nothing is asserted: read it, compare it with the table in README.md.
"""
import base64
import concurrent.futures
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

TOKEN = "glpat-token-of-the-nuget-bench"
BASIC = "Basic " + base64.b64encode(f"root:{TOKEN}".encode()).decode()
CONNECTIONS = 8
VERSIONS = 10


def start(binary, data):
    env = {**os.environ, "PACKHOUSE_ROOT_TOKEN": TOKEN}
    server = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in server.stderr:
        if line.startswith("listening on http://"):
            threading.Thread(target=server.stderr.read, daemon=True).start()  # log lines must not fill the pipe
            return server, int(line.rsplit(":", 1)[1])
    raise SystemExit("the server did not start")


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def nupkg(name, version):
    needs = "<dependencies><group targetFramework='net8.0'><dependency id='Bench.Package000' version='1.0.0'/></group></dependencies>"
    nuspec = f"<package><metadata><id>{name}</id><version>{version}</version><authors>Ann</authors><description>A package of the bench.</description>{needs}</metadata></package>"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr(f"{name}.nuspec", nuspec)
        package.writestr("lib/net8.0/x.dll", os.urandom(20 << 10))
    return file.getvalue()


class Client:
    """One connection for each thread; counts requests."""

    def __init__(self, port):
        self.port, self.requests, self.lock, self.local = port, 0, threading.Lock(), threading.local()

    def ask(self, method, path, body=None, **headers):
        conn = getattr(self.local, "conn", None)
        if conn is None:
            conn = self.local.conn = http.client.HTTPConnection("127.0.0.1", self.port)
        conn.request(method, path, body, {"Accept-Encoding": "gzip, deflate", **headers})
        answer = conn.getresponse()
        content = answer.read()
        with self.lock:
            self.requests += 1
        return answer.status, content

    def challenged(self, path):
        """Without credentials, and with them after the 401."""
        status, _ = self.ask("GET", path)
        assert status == 401, (path, status)
        return self.authorised(path)

    def authorised(self, path):
        status, content = self.ask("GET", path, Authorization=BASIC)
        assert status == 200, (path, status, content)
        return content


def main():
    binary = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    names = [f"Bench.Package{number:03}" for number in range(count)]
    with tempfile.TemporaryDirectory() as data:
        server, port = start(binary, data)
        try:
            client = Client(port)
            for namespace in (2, 1):
                body = json.dumps({"path": "private", "namespace_id": namespace, "visibility": "private"})
                status, content = client.ask("POST", "/api/v4/projects", body, **{"PRIVATE-TOKEN": TOKEN, "Content-Type": "application/json"})
                if status == 201:
                    break
            base = f"/api/v4/projects/{json.loads(content)['id']}/packages/nuget"
            packages = [(name, nupkg(name, f"1.0.{patch}")) for patch in range(VERSIONS) for name in names]

            def measure(what, work, times):
                work()  # not counted: fills what is kept ready
                walls, client.requests, before = [], 0, cpu(server.pid)
                for _ in range(times):
                    began = time.perf_counter()
                    work()
                    walls.append(time.perf_counter() - began)
                used = cpu(server.pid) - before
                print(f"| {what} | {client.requests // times} | {statistics.median(walls) * 1e3:.0f} ms | {used / client.requests * 1e6:.0f} µs |")

            def push(item):
                status, content = client.ask("PUT", f"{base}/", item[1], Authorization=BASIC, **{"Content-Type": "application/octet-stream"})
                assert status == 201, content

            def restore_one(name):
                key = name.lower()
                client.challenged(f"{base}/download/{key}/index.json")
                client.authorised(f"{base}/download/{key}/1.0.9/{key}.1.0.9.nupkg")

            with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
                print("| work | requests | wall (median) | server CPU of each |\n|---|---|---|---|")
                client.requests, before, began = 0, cpu(server.pid), time.perf_counter()
                list(pool.map(push, packages))
                wall, used = time.perf_counter() - began, cpu(server.pid) - before
                print(f"| {len(packages)} pushes, {CONNECTIONS} connections | {client.requests} | {wall * 1e3:.0f} ms | {used / client.requests * 1e6:.0f} µs |")

                def restore():
                    client.ask("GET", f"{base}/index.json")
                    list(pool.map(restore_one, names))

                def outdated():
                    list(pool.map(lambda name: client.authorised(f"{base}/metadata/{name.lower()}/index.json"), names))

                def search():
                    client.authorised(f"{base}/query?q=bench&skip=0&take=20&prerelease=false&semVerLevel=2.0.0")

                measure(f"restore of {count} packages, {CONNECTIONS} connections", restore, rounds)
                measure(f"{count} registrations of {VERSIONS} versions", outdated, rounds)
                measure(f"a search over {count} packages of {VERSIONS} versions", search, rounds * 10)
        finally:
            server.terminate()
            server.wait(30)


main()
