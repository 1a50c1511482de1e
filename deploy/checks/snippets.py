"""Runs what the documents tell their readers to run, as it is written: unshare --net --mount snippets.py

A document is read from top to bottom, in a folder that looks like a clone after its build. The gateway stands in front of
a simulated OpenAI at the ports and host names that the documents give, which is why this needs a network of its own.
Commands of Maven are answered by what it has built.

A block that cannot run here has a comment before it that readers do not see: <!-- not run: REASON -->.
"""
import collections
import fcntl
import os
import pathlib
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "deploy"
JAVA = os.environ["JAVA"]
PATIENCE = 60
BLOCK = re.compile(r"(?P<before>[^\n]*\n\s*)^(?P<indent> *)```(?P<language>\S*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run: (.*?) -->")
SAVED_AS = re.compile(r"(?i)save this as `([^`]+)`")
ELSEWHERE = {"yaml": "checked by DocumentsTest", "java": "compiled by DocumentsTest", "sql": "run by LedgerRightsTest"}
RUN = {"sh": "shell", "python": "Python", "js": "JavaScript"}

KEY, TOKEN, SPARE = "sk-sluice-of-the-support-bot", "token-of-the-operator", "sk-sluice-that-may-be-revoked"
SIMULATOR = 'base-url: "http://127.0.0.1:8081/v1"'
CONFIG = f"""
upstream: {{ {SIMULATOR}, accounts: [{{ name: main, tier: paid, strict: false, keys: [sk-simulator] }}] }}
admin: {{ token: {TOKEN} }}
tenants:
  - {{ name: support-bot, plan: paid, keys: [{KEY}] }}
  - {{ name: spare, plan: free, keys: [{SPARE}] }}
ledger: {{ url: "sqlite:data/sluice.db" }}
drain: {{ delay: 1ms, grace: 2s }}
"""

COMMANDS = {
    "java": 'exec "$JAVA" "$@"',
    "mvn": """case "$*" in
        "-q package -DskipTests") test -s target/sluice.jar ;;
        "-q compile exec:exec") exec "$JAVA" -jar target/sluice.jar demo ;;
        *) echo "mvn $*: nothing stands in for it" >&2; exit 1 ;;
        esac""",
    # An answer that is an error fails. KEY_ID in a document stands for the id of the last key that was answered.
    "curl": """answer=$(/usr/bin/curl --silent --show-error --fail-with-body "${@//KEY_ID/$(<key-id)}") || { echo "$answer"; exit 1; }
        echo "$answer"
        [[ $answer =~ \\"id\\":\\ *\\"([0-9a-f]{12})\\" ]] && echo "${BASH_REMATCH[1]}" >key-id; true""",
}

BEFORE = {"python": "from openai import OpenAI\n",
          "js": 'import OpenAI from "openai";\nimport { readFile } from "node:fs/promises";\n'}
ASK = {"python": """
assert client.chat.completions.create(model="gpt-4o-mini", messages=[{"role": "user", "content": "hello"}]).choices
""", "js": """
const { choices } = await client.chat.completions.create({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] });
if (!choices.length) process.exit(1);
"""}


class Failed(Exception):
    pass


class Reader:
    """Somebody with a clone, a shell, and what the document has had them do so far."""

    def __init__(self, folder):
        self.folder = folder
        self.keys, self.digests, self.running = [], [], []
        self.environment = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}", "SLUICE_KEY": KEY, "KEY": KEY,
                            "SLUICE_ADMIN_TOKEN": TOKEN, "OPENAI_API_KEY": "sk-simulator"}
        (folder / "bin").mkdir()
        for name, does in COMMANDS.items():
            (folder / "bin" / name).write_text(f"#!/bin/bash\n{does}\n")
            (folder / "bin" / name).chmod(0o755)
        for name in ("target", "deploy", "docs", "config"):
            (folder / name).symlink_to(ROOT / name)
        for file in (ROOT / "src/test/resources/sluice/cli").iterdir():
            shutil.copy(file, folder)
        (folder / "key-id").write_text(self.key_id())

    def key_id(self):
        done = subprocess.run(["sha256sum"], input=SPARE.encode(), capture_output=True, check=True)
        return done.stdout.decode()[:12]

    def start(self, command, ready):
        """Starts a command that stays, and waits until it answers."""
        log = tempfile.TemporaryFile("w+")
        process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        self.running.append(process)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(ready, timeout=1).close()
                return log
            except urllib.error.HTTPError as answer:
                if answer.code == 401:
                    return log
                time.sleep(0.05)
            except OSError:
                time.sleep(0.05)
        log.seek(0)
        raise Failed(f"it is not ready:\n{log.read()}")

    def stop(self):
        for process in reversed(self.running):
            process.terminate()
            process.wait(PATIENCE)
        self.running.clear()

    def gateway(self):
        (self.folder / "gateway.yaml").write_text(CONFIG)
        self.start([JAVA, "-jar", "target/sluice.jar", "serve", "--config", "gateway.yaml"], "http://127.0.0.1:9090/readyz")
        # It has been in use: the ledger's file is there from its first write.
        self.call(["curl", "http://127.0.0.1:8080/v1/models", "-H", f"Authorization: Bearer {KEY}"])
        until = time.monotonic() + PATIENCE
        while not (self.folder / "data/sluice.db").exists():
            if time.monotonic() > until:
                raise Failed("the ledger has no file")
            time.sleep(0.05)

    def shell(self, text):
        text = text.replace("sk-…", "sk-simulator")
        if re.search(r" serve | exec:exec", text):
            log = self.start(["bash", "-euo", "pipefail", "-c", text], "http://127.0.0.1:9090/readyz")
            if "exec:exec" in text:
                time.sleep(0.5)
                log.seek(0)
                said = re.search(r"^ *curl .*?-i$", log.read(), re.MULTILINE | re.DOTALL)
                self.call(["bash", "-euo", "pipefail", "-c", said[0]])
                self.stop_last()
            return
        said = self.call(["bash", "-euo", "pipefail", "-c", text])
        self.keys += re.findall(r"^key: +(\S+)", said, re.MULTILINE)
        self.digests += re.findall(r"sha256:[0-9a-f]{64}", said)

    def stop_last(self):
        process = self.running.pop()
        process.terminate()
        process.wait(PATIENCE)

    def program(self, language, text):
        if self.keys:
            text = text.replace("sk-sluice-…", self.keys[0])
        file = WORK / f"snippet.{'py' if language == 'python' else 'mjs'}"
        file.write_text(BEFORE[language] + text + ASK[language])
        self.call([sys.executable if language == "python" else "node", str(file)])

    def save(self, name, text):
        digests = iter(self.digests)
        text = re.sub("sha256:…", lambda _: next(digests), text)
        (self.folder / name).write_text(text.replace("upstream:\n", f"upstream:\n  {SIMULATOR}\n"))

    def call(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False,
                              timeout=PATIENCE, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise Failed(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout


def own_network(folder):
    """The loopback interface, the host names of the documents, and a token where a pod would have it."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x41))  # SIOCSIFFLAGS: up, running
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost sluice sluice.sluice\n")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
    token = pathlib.Path("/run/secrets/sluice/token")
    token.parent.mkdir(parents=True)
    token.write_text(KEY)


def why_not(document, block):
    mark = NOT_RUN.search(block["before"])
    if mark:
        return mark[1]
    return "a measurement, of minutes or hours" if document.startswith("bench/") else ""


def blocks(document):
    for found in BLOCK.finditer((ROOT / document).read_text()):
        block = found.groupdict()
        block["text"] = re.sub(f"^{block['indent']}", "", block["text"], flags=re.MULTILINE)
        block["language"] = block["language"] or "sh"
        if "─" not in block["text"]:
            yield block


def read(reader, document, count):
    for block in blocks(document):
        language, text = block["language"], block["text"]
        saved, reason = SAVED_AS.search(block["before"]), why_not(document, block)
        if reason:
            count["not run"][reason] += 1
        elif language == "yaml" and saved:
            reader.save(saved[1], text)
            count["run"]["YAML"] += 1
        elif language == "sh":
            reader.shell(text)
            count["run"]["shell"] += 1
        elif language in RUN:
            reader.program(language, text)
            count["run"][RUN[language]] += 1
        elif language == "toml":
            tomllib.loads(text)
            count["checked"]["parsed"] += 1
        elif language == "promql":
            rules = reader.folder / "rules.yaml"
            rules.write_text(f"groups: [{{ name: one, rules: [{{ record: 'a:b', expr: '{text.strip()}' }}] }}]")
            reader.call(["promtool", "check", "rules", str(rules)])
            count["checked"]["parsed"] += 1
        elif language in ELSEWHERE:
            count["checked"][ELSEWHERE[language]] += 1
        else:
            raise Failed(f"a block in {language}, and nothing here checks it")


def main():
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    documents = sorted(listed.stdout.split(), key=lambda name: name != "README.md")
    count = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as top:
        own_network(pathlib.Path(top))
        failed = False
        simulator = None
        for document in documents:
            folder = pathlib.Path(top) / document.replace("/", "-")
            folder.mkdir()
            reader = Reader(folder)
            try:
                if simulator is None:
                    simulator = Reader(pathlib.Path(tempfile.mkdtemp(dir=top)))
                    simulator.start([JAVA, "-jar", "target/sluice.jar", "simulate", "--latency", "1ms"],
                                    "http://127.0.0.1:8081/v1/models")
                if document != "README.md" and any(not why_not(document, block) and block["language"] in RUN
                                                   for block in blocks(document)):
                    reader.gateway()
                read(reader, document, count)
            except Failed as failure:
                print(f"{document}: {failure}", file=sys.stderr)
                failed = True
            finally:
                reader.stop()
        simulator.stop()
    for how, kinds in count.items():
        print(f"snippets: {kinds.total()} {how}: " + ", ".join(f"{many} {kind}" for kind, many in kinds.most_common()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
