"""A real gateway under light load, in front of a simulated OpenAI, with Redis and PostgreSQL, and a real Prometheus that
scrapes it.

Closes everything at its end. Needs target/sluice.jar, a JDK 25, redis-server, postgresql and prometheus.
"""
import contextlib
import glob
import http.client
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TENANTS = {"support-bot": "sk-sluice-of-the-support-bot", "search": "sk-sluice-of-the-search-team"}
SECONDS = 40

CONFIG = """
listen: {{ host: 127.0.0.1, port: {http} }}
admin: {{ host: 127.0.0.1, port: {admin} }}
upstream:
  base-url: http://127.0.0.1:{openai}/v1
  accounts: [{{ name: main, rpm: 240, rpd: 100000, keys: [sk-simulator] }}]
tenants:
  - {{ name: support-bot, plan: paid, rpd: 50000, tpm: 1000000, keys: [{support-bot}] }}
  - {{ name: search, rpm: 40, tpm: 50000, usd-per-day: 5, concurrent: 20, keys: [{search}] }}
redis: {{ url: "redis://127.0.0.1:{redis}" }}
budgets: {{ unpriced: free }}
queue: {{ max-wait: 3s }}
drain: {{ delay: 1ms, grace: 2s }}
ledger: {{ url: "postgresql://sluice:any@127.0.0.1:{postgresql}/postgres", spool: {{ dir: "{folder}/spool" }} }}
"""

PROMETHEUS = """
global: {{ scrape_interval: 1s, evaluation_interval: 5s }}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: sluice
    static_configs: [{{ targets: ["127.0.0.1:{admin}"] }}]
"""


def java():
    found = os.environ.get("JDK_25") or next(iter(sorted(glob.glob("/usr/lib/jvm/*25*"))), None)
    return f"{found}/bin/java" if found else "java"


def free_port():
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        return any_port.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def await_answer(url, process):
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with {process.returncode}")
        try:
            return get(url)
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")


class Stage:
    """The processes and where they answer."""

    def __init__(self, folder, closing):
        self.folder = folder
        self.closing = closing
        self.port = {name: free_port() for name in ("http", "admin", "openai", "redis", "postgresql", "prometheus")}

    def start(self, name, *command, **options):
        log = self.closing.enter_context(open(self.folder / f"{name}.log", "wb"))
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, **options)
        self.closing.callback(self.end, process)
        return process

    @staticmethod
    def end(process):
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()

    def postgresql(self):
        """A database in a folder of its own; it refuses to run as root."""
        programs = (sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("initdb") or "")])[-1]
        folder = self.closing.enter_context(tempfile.TemporaryDirectory())
        other = {"cwd": folder}
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
            other["user"] = "postgres"
        subprocess.run([f"{programs}/initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "sluice", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, **other)
        self.start("postgresql", f"{programs}/postgres", "-D", f"{folder}/data", "-h", "127.0.0.1", "-p",
                   str(self.port["postgresql"]), "-k", "", **other)

    def open(self):
        jar = [java(), "-Xmx128m", "-Xmn16m", "-jar", str(ROOT / "target" / "sluice.jar")]
        config = self.write("sluice.yaml", CONFIG.format(folder=self.folder, **self.port, **TENANTS))
        rules = ROOT / "deploy" / "prometheus" / "rules.yaml"
        scrapes = self.write("prometheus.yml", PROMETHEUS.format(rules=rules, **self.port))
        self.start("redis", "redis-server", "--port", str(self.port["redis"]), "--bind", "127.0.0.1", "--save", "")
        self.postgresql()
        self.start("simulator", *jar, "simulate", "--port", str(self.port["openai"]), "--account",
                   "main=sk-simulator:rpm=600", "--latency", "150ms", "--error-rate", "0.1", "--seed", "1")
        gateway = self.start("gateway", *jar, "serve", "--config", config)
        await_answer(self.admin("/readyz"), gateway)
        prometheus = self.start("prometheus", "prometheus", f"--config.file={scrapes}", "--storage.tsdb.path",
                                str(self.folder / "tsdb"), f"--web.listen-address=127.0.0.1:{self.port['prometheus']}")
        await_answer(f"http://127.0.0.1:{self.port['prometheus']}/-/ready", prometheus)
        return self

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return str(self.folder / name)

    def admin(self, path):
        return f"http://127.0.0.1:{self.port['admin']}{path}"

    def ask(self, path, **query):
        """The data that Prometheus' API answers with."""
        url = f"http://127.0.0.1:{self.port['prometheus']}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        return json.loads(get(url))["data"]

    def load(self):
        callers = [threading.Thread(target=self.call, args=(tenant, number), daemon=True)
                   for tenant in TENANTS for number in range(5)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()

    def call(self, tenant, number):
        """One caller of some: repeated prompts, new ones, streams, embeddings, a model without a price, and now and then a wrong key."""
        dice = random.Random(f"{tenant} {number}")
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            kind = dice.choice(["same", "new", "new", "stream", "embedding", "unpriced", "wrong"])
            key = "sk-sluice-that-nobody-knows" if kind == "wrong" else TENANTS[tenant]
            with contextlib.suppress(OSError, http.client.HTTPException):
                self.send(key, *request(kind, dice))
            time.sleep(dice.uniform(0.1, 0.6))

    def send(self, key, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port["http"], timeout=20)
        with contextlib.closing(connection):
            headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            connection.getresponse().read()


def request(kind, dice):
    text = "the same question" if kind == "same" else f"question {dice.random()}"
    if kind == "embedding":
        return "/v1/embeddings", {"model": "text-embedding-3-small", "input": text}
    model = "house-model" if kind == "unpriced" else "gpt-4o-mini"
    return "/v1/chat/completions", {"model": model, "stream": kind == "stream",
                                    "messages": [{"role": "user", "content": text}]}


@contextlib.contextmanager
def stage():
    """Under load: a gateway and a Prometheus, for as long as the block runs."""
    with contextlib.ExitStack() as closing:
        folder = pathlib.Path(closing.enter_context(tempfile.TemporaryDirectory()))
        opened = Stage(folder, closing)
        try:
            yield opened.open()
        except RuntimeError as failure:
            logs = "\n".join(log.read_text()[-2000:] for log in folder.glob("*.log"))
            raise SystemExit(f"{failure}\n{logs}") from failure
