#!/usr/bin/env python3
"""What `index.yaml` costs in a channel of many charts: the first reading after a change, and every other.

    python3 tests/bench/helm.py target/release/packhouse [CHARTS=5000]

Uploads that many versions of fifty charts, once with the Chart.yaml that `helm create` writes and once with four times as much
in it, then asks for the index over one connection: plain, as gzip, and by a client that knows it. Printed: bytes on the wire, the median time that the client
waits, and the CPU time that the server's process used for each answer (user and system, 10 ms resolution over a second).
"""
import concurrent.futures
import gzip
import http.client
import io
import json
import statistics
import sys
import tarfile
import tempfile
import threading
import time

from lists import TOKEN, cpu, start, stop

CHARTS, REPOSITORY = 50, "/api/v4/projects/1/packages/helm"
SMALL = """apiVersion: v2
name: chart-{chart}
description: A Helm chart for Kubernetes
type: application
version: 1.{version}.0
appVersion: "2.{version}"
"""
LARGE = """apiVersion: v2
name: chart-{chart}
version: 1.{version}.0
appVersion: "2.{version}"
kubeVersion: ">=1.25.0-0"
description: A chart that deploys a service with its database, a cache, an ingress and everything around it
type: application
home: https://charts.example.com/chart-{chart}
icon: https://charts.example.com/chart-{chart}/icon.svg
keywords: [service, database, cache, ingress]
sources: [https://git.example.com/charts/chart-{chart}]
maintainers:
  - {{name: Ann, email: ann@example.com, url: https://example.com/ann}}
  - {{name: Bob, email: bob@example.com}}
dependencies:
  - {{name: postgresql, version: 12.x.x, repository: https://charts.example.com/stable, condition: postgresql.enabled}}
  - {{name: redis, version: 17.x.x, repository: https://charts.example.com/stable, condition: redis.enabled}}
annotations:
  category: Infrastructure
  licenses: Apache-2.0
"""


def archive(yaml, chart, version):
    yaml, packed = yaml.format(chart=chart, version=version).encode(), io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        member = tarfile.TarInfo(f"chart-{chart}/Chart.yaml")
        member.size = len(yaml)
        tar.addfile(member, io.BytesIO(yaml))
    return packed.getvalue()


def upload(port, yaml, numbers):
    conn = http.client.HTTPConnection("127.0.0.1", port)
    for number in numbers:
        headers = {"PRIVATE-TOKEN": TOKEN, "Content-Type": "application/gzip"}
        conn.request("POST", f"{REPOSITORY}/api/stable/charts", archive(yaml, number % CHARTS, number // CHARTS), headers)
        answer = conn.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise SystemExit(f"upload: {answer.status} {body[:200]}")


def measure(binary, charts, yaml):
    with tempfile.TemporaryDirectory() as data:
        server, port, _ = start(binary, data)
        try:
            threading.Thread(target=server.stderr.read, daemon=True).start()  # log lines must not fill the pipe
            begun, used = time.perf_counter(), cpu(server.pid)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                list(pool.map(lambda worker: upload(port, yaml, range(worker, charts, 8)), range(8)))
            took, used = time.perf_counter() - begun, cpu(server.pid) - used
            size = len(yaml)
            print(f"\nChart.yaml of {size} bytes: {charts} uploads by 8 clients: {charts / took:.0f}/s, {used / charts * 1e6:.0f} µs of CPU each\n")
            conn = http.client.HTTPConnection("127.0.0.1", port)

            def get(headers):
                conn.request("GET", f"{REPOSITORY}/stable/index.yaml", headers={"PRIVATE-TOKEN": TOKEN, **headers})
                answer = conn.getresponse()
                return answer, answer.read()

            begun, used = time.perf_counter(), cpu(server.pid)
            answer, body = get({"Accept-Encoding": "gzip"})
            print(f"first reading: {(time.perf_counter() - begun) * 1e3:.0f} ms, {(cpu(server.pid) - used) * 1e3:.0f} ms of CPU\n")
            entries = json.loads(gzip.decompress(body))["entries"]
            assert sum(map(len, entries.values())) == charts
            etag = answer.headers["ETag"]
            print("| index.yaml | bytes | median ms | CPU µs each |\n|---|---|---|---|")
            for name, headers, status in [("plain", {"Accept-Encoding": "identity"}, 200), ("gzip", {"Accept-Encoding": "gzip"}, 200),
                                          ("known", {"Accept-Encoding": "gzip", "If-None-Match": etag}, 304)]:
                times, before, begun = [], cpu(server.pid), time.perf_counter()
                while time.perf_counter() - begun < 2:
                    asked = time.perf_counter()
                    answer, body = get(headers)
                    times.append(time.perf_counter() - asked)
                    assert answer.status == status
                used = (cpu(server.pid) - before) / len(times) * 1e6
                print(f"| {name} | {len(body)} | {statistics.median(times) * 1e3:.2f} | {used:.0f} |", flush=True)
        finally:
            stop(server)


def main():
    for yaml in SMALL, LARGE:
        measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5000, yaml)


if __name__ == "__main__":
    main()
