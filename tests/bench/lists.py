#!/usr/bin/env python3
"""What one page of a package list costs with many packages stored: each filter and each order.

    python3 tests/bench/lists.py target/release/packhouse [PACKAGES=1000000]

Fills a fresh data directory by SQL while the server is down (half generic, the rest npm and maven, some deprecated, some
hidden, some versionless), then asks each list a few hundred times over one connection. Printed: the median time that the
client waits, and the CPU time that the server's process used for each answer (user and system, 10 ms resolution).
Nothing is asserted: read it, compare it with the table in README.md.
"""
import http.client
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

TOKEN = "glpat-token-of-the-list-bench"
SEED = """
INSERT INTO package_names (id, project_id, package_type, name_key, folded)
  WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {rows})
  SELECT i, 1, CASE i % 4 WHEN 0 THEN 2 WHEN 1 THEN 1 ELSE 7 END, printf('pkg-%07d', i), printf('pkg-%07d', i) FROM n;
INSERT INTO packages (id, project_id, name_id, package_type, name, version, version_key, status, creator_id, created_at, updated_at)
  SELECT id, 1, id, package_type, name_key,
         CASE WHEN id % 1000 = 7 THEN NULL ELSE printf('1.%d.%d', id % 10, id % 100) END,
         CASE WHEN id % 1000 = 7 THEN NULL ELSE printf('1.%d.%d', id % 10, id % 100) END,
         CASE WHEN id % 5000 = 11 THEN 5 WHEN id % 5000 = 12 THEN 1 ELSE 0 END, 1,
         strftime('%Y-%m-%dT%H:%M:%S.000Z', 1700000000 + id, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%S.000Z', 1700000000 + id, 'unixepoch')
    FROM package_names;
"""
FILTERS = ["", "package_type=npm", "package_type=generic", "package_type=helm", "package_version=1.3.13", "package_version=9.9.9",
           "status=deprecated", "status=hidden", "status=error", "include_versionless=true", "package_type=npm&status=deprecated",
           "package_type=npm&package_version=1.4.4"]
ORDERS = [f"order_by={by}&sort={sort}" for by in ("created_at", "name", "version", "type") for sort in ("asc", "desc")]
SEARCHES = ["package_name=pkg-0001", "package_name=pkg-0001234", "package_name=zzz", "package_name=001", "package_name=pkg", "package_name=p",
            "package_name=34+99", "package_name=pkg&package_type=npm"]


def start(binary, data):
    env = {**os.environ, "PACKHOUSE_ROOT_TOKEN": TOKEN}
    t = time.perf_counter()
    server = subprocess.Popen([binary, "serve", "--data", data, "--listen", "127.0.0.1:0"], env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    for line in server.stderr:
        if line.startswith("listening on http://"):
            return server, int(line.rsplit(":", 1)[1]), (time.perf_counter() - t) * 1e3
    raise SystemExit("the server did not start")


def stop(server):
    server.terminate()
    server.stderr.read()
    server.wait(30)


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    binary, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory() as data:
        stop(start(binary, data)[0])
        db = sqlite3.connect(f"{data}/packhouse.db")
        db.executescript(SEED.format(rows=rows))
        db.close()
        server, port, up = start(binary, data)
        try:
            import threading
            threading.Thread(target=server.stderr.read, daemon=True).start()  # log lines must not fill the pipe
            print(f"{rows} packages; start {up:.1f} ms\n\n| list | median ms | CPU µs each |\n|---|---|---|")
            conn = http.client.HTTPConnection("127.0.0.1", port)
            queries = FILTERS[:1] + ORDERS + [f"{f}&{o}" for f in FILTERS[1:] for o in ORDERS] + SEARCHES
            queries += [f"page={rows // 40}&per_page=20", f"page={rows // 40}&per_page=20&order_by=name"]
            for query in queries:
                times, before = [], None
                for i in range(201):
                    t = time.perf_counter()
                    conn.request("GET", f"/api/v4/projects/1/packages?{query}", headers={"PRIVATE-TOKEN": TOKEN})
                    answer = conn.getresponse()
                    body = answer.read()
                    if answer.status != 200:
                        raise SystemExit(f"{query}: {answer.status} {body[:200]}")
                    if i == 0:
                        first, before = time.perf_counter() - t, cpu(server.pid)
                        begun = t
                    else:
                        times.append(time.perf_counter() - t)
                    if i > 10 and time.perf_counter() - begun > 2:
                        break
                used = (cpu(server.pid) - before) / len(times) * 1e6
                print(f"| {query or '(plain)'} | {statistics.median(times) * 1e3:.2f} (first {first * 1e3:.1f}) | {used:.0f} |", flush=True)
        finally:
            stop(server)


if __name__ == "__main__":
    main()
