"""Calls a gateway with 500 tenants, and asks its admin API what the console's pages ask: how long it takes under load, and how
much processor time it costs at rest."""
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TENANTS = 500
CALLERS = 4
ASKED_EVERY = 5  # seconds, by the overview
QUESTIONS = {
    "overview": "/admin/v1/overview",
    "tenants": "/admin/v1/tenants?limit=1000",
    "keys": "/admin/v1/keys?limit=1000",
    "budgets": "/admin/v1/limits?limit=1000",
    "calls": "/admin/v1/calls?limit=100",
    "usage": "/admin/v1/usage?by=tenant&limit=10000",
}
UPSTREAM_KEY = "sk-upstream-0123456789abcdef"
BODY = json.dumps({"model": "gpt-4o-mini", "max_tokens": 1, "messages": [{"role": "user", "content": "hi"}]})


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def key(tenant):
    return f"sk-sluice-bench-{tenant:032d}"


def launch(java, folder, name, arguments, port):
    command = [java, "-Xmx512m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", "target/classes:target/lib/*",
               "sluice.cli.Main", *arguments]
    process = subprocess.Popen(command, stdout=open(f"{folder}/{name}.log", "w"), stderr=subprocess.STDOUT)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process
        except OSError:
            if process.poll() is not None:
                sys.exit(open(f"{folder}/{name}.log").read())
            time.sleep(0.1)


def processor_seconds(process):
    fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ask(connection, path):
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read()
    if answer.status != 200:
        sys.exit(f"{path}: {answer.status} {text[:300]}")
    return len(text)


def call(port, over, made):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    while not over.is_set():
        connection.request("POST", "/v1/chat/completions", BODY, {
            "authorization": f"Bearer {key(random.randrange(TENANTS))}", "content-type": "application/json"})
        connection.getresponse().read()
        made.append(1)


def timed(admin, path, times):
    connection = http.client.HTTPConnection("127.0.0.1", admin)
    took, size = [], 0
    for _ in range(times):
        began = time.perf_counter()
        size = ask(connection, path)
        took.append(1e3 * (time.perf_counter() - began))
    return took, size


def main():
    java, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 10
    upstream, port, admin = free_port(), free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/sluice.yaml", "w") as config:
            config.write(f"listen: {{ host: 127.0.0.1, port: {port} }}\nadmin: {{ host: 127.0.0.1, port: {admin} }}\n"
                         f"ledger: {{ url: 'sqlite:{folder}/ledger.db', spool: {{ dir: '{folder}/spool' }} }}\n"
                         "cache: { mode: off }\nupstream:\n"
                         f"  base-url: http://127.0.0.1:{upstream}/v1\n"
                         f"  accounts: [{{ name: main, rpm: 10000000, strict: false, keys: [{UPSTREAM_KEY}] }}]\ntenants:\n")
            for tenant in range(TENANTS):
                config.write(f"  - {{ name: tenant-{tenant}, rpm: {60 + tenant % 60}, usd-per-day: 5, usd-per-month: 100, "
                             f"keys: ['{key(tenant)}'] }}\n")
        started = [launch(java, folder, "simulator", ["simulate", "--port", str(upstream), "--account",
                          f"main={UPSTREAM_KEY}:rpm=100000000", "--latency", "0ms"], upstream)]
        try:
            gateway = launch(java, folder, "gateway", ["serve", "--config", f"{folder}/sluice.yaml"], port)
            started.append(gateway)
            over, made = threading.Event(), []
            callers = [threading.Thread(target=call, args=(port, over, made)) for _ in range(CALLERS)]
            for caller in callers:
                caller.start()
            time.sleep(seconds)
            before, began = len(made), time.perf_counter()
            shown = {name: timed(admin, path, 20) for name, path in QUESTIONS.items()}
            rate = (len(made) - before) / (time.perf_counter() - began)
            over.set()
            for caller in callers:
                caller.join()
            print(f"under load, {rate:.0f} calls a second by {TENANTS} tenants:")
            for name, (took, size) in shown.items():
                print(f"  {name:9} {statistics.median(took):7.1f} ms median, {max(took):7.1f} ms at most, {size / 1024:6.0f} KiB")
            time.sleep(2)
            timed(admin, QUESTIONS["overview"], 200)
            before = processor_seconds(gateway)
            timed(admin, QUESTIONS["overview"], 500)
            each = (processor_seconds(gateway) - before) / 500
            print(f"an overview costs {1e3 * each:.2f} ms of processor time: {100 * each / ASKED_EVERY:.3f} % of a core, asked every "
                  f"{ASKED_EVERY} s")
        finally:
            for process in reversed(started):
                process.kill()
                process.wait()


main()
