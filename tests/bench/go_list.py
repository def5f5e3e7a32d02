#!/usr/bin/env python3
"""What `go` costs the server where a module has many versions.

    python3 tests/bench/go_list.py target/release/packhouse [VERSIONS=5000]

Uploads that many versions of one module by eight clients, then asks for each document a few thousand times over one
connection. Printed: the median time that the client waits, and the CPU time that the server's process used for each
answer (user and system, 10 ms resolution). The first answer after a change is rendered, every other is ready.
Nothing is asserted: read it, compare it with the table in README.md.
"""
import concurrent.futures
import http.client
import io
import statistics
import sys
import tempfile
import threading
import time
import zipfile

from lists import TOKEN, cpu, start, stop

MODULE, ROUNDS = "example.com/Acme/many", 3000
BASE = "/api/v4/projects/1/packages/go"
ESCAPED = f"{BASE}/example.com/%21acme/many"


def module(number):
    prefix, file = f"{MODULE}@v1.{number}.0", io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{prefix}/go.mod", f"module {MODULE}\n\ngo 1.19\n")
        archive.writestr(f"{prefix}/many.go", f"package many\n\nconst Number = {number}\n")
    return file.getvalue()


def upload(port, numbers):
    conn = http.client.HTTPConnection("127.0.0.1", port)
    for number in numbers:
        conn.request("PUT", f"{BASE}/upload", body=module(number), headers={"PRIVATE-TOKEN": TOKEN})
        answer = conn.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise SystemExit(f"upload: {answer.status} {body[:200]}")


def ask(conn, path, headers, status):
    begun = time.perf_counter()
    conn.request("GET", path, headers={"PRIVATE-TOKEN": TOKEN, **headers})
    answer = conn.getresponse()
    body = answer.read()
    if answer.status != status:
        raise SystemExit(f"{path}: {answer.status} {body[:200]}")
    return time.perf_counter() - begun, len(body)


def main():
    binary, versions = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5000
    with tempfile.TemporaryDirectory() as data:
        server, port, _ = start(binary, data)
        try:
            threading.Thread(target=server.stderr.read, daemon=True).start()  # log lines must not fill the pipe
            begun, before = time.perf_counter(), cpu(server.pid)
            with concurrent.futures.ThreadPoolExecutor(8) as clients:
                for done in [clients.submit(upload, port, range(n, versions, 8)) for n in range(8)]:
                    done.result()
            took, used = time.perf_counter() - begun, cpu(server.pid) - before
            print(f"{versions} uploads by 8 clients: {versions / took:.0f}/s, {used / versions * 1e6:.0f} µs CPU each\n")
            print("| document | bytes | first ms | median ms | CPU µs each |\n|---|---|---|---|---|")
            conn = http.client.HTTPConnection("127.0.0.1", port)
            last = f"v1.{versions - 1}.0"
            for what, path, headers, status in [
                ("@v/list", f"{ESCAPED}/@v/list", {}, 200),
                ("@v/list, gzip", f"{ESCAPED}/@v/list", {"Accept-Encoding": "gzip"}, 200),
                ("@latest", f"{ESCAPED}/@latest", {}, 200),
                (".info", f"{ESCAPED}/@v/{last}.info", {}, 200),
                (".mod", f"{ESCAPED}/@v/{last}.mod", {}, 200),
                (".zip", f"{ESCAPED}/@v/{last}.zip", {}, 200),
                ("a prefix that is no module", f"{BASE}/example.com/%21acme/@v/list", {}, 404),
            ]:
                first, size = ask(conn, path, headers, status)
                before = cpu(server.pid)
                times = [ask(conn, path, headers, status)[0] for _ in range(ROUNDS)]
                used = (cpu(server.pid) - before) / ROUNDS * 1e6
                print(f"| {what} | {size} | {first * 1e3:.1f} | {statistics.median(times) * 1e3:.2f} | {used:.0f} |", flush=True)
        finally:
            stop(server)


if __name__ == "__main__":
    main()
