"""Says what a release was built from, as an in-toto statement with SLSA's provenance (https://slsa.dev/spec/v1.1/provenance).

    provenance.py FOLDER VERSION STARTED     prints the statement about the files in FOLDER/SHA256SUMS
    provenance.py FOLDER                     checks the statement in FOLDER, and its signature, against the files

With SIGNING_KEY, a private key that openssl reads, the statement is signed in an envelope as in-toto's tools expect it (DSSE).
The check then needs VERIFYING_KEY, its public half.
"""
import base64
import datetime
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD = "urn:sluice:deploy:release:1"


def git(*arguments):
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def sums(folder):
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split(maxsplit=1) for line in lines)}


def sha256(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def dependencies():
    commit = git("rev-parse", "HEAD")
    if commit:
        yield {"name": "source", "digest": {"gitCommit": commit}}
    for jar in sorted(pathlib.Path("target/lib").glob("*.jar")):
        yield {"name": jar.name, "digest": {"sha256": sha256(jar)}}


def statement(folder, version, started):
    changed = bool(git("status", "--porcelain", "--untracked-files=no"))
    return {
        "_type": TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sums(folder).items()],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD,
                "externalParameters": {"version": version, "tag": git("describe", "--tags", "--exact-match"),
                                       "uncommittedChanges": changed},
                "internalParameters": {},
                "resolvedDependencies": list(dependencies()),
            },
            "runDetails": {
                "builder": {"id": os.environ.get("BUILDER", "urn:sluice:by-hand")},
                "metadata": {"startedOn": started,
                             "finishedOn": f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"},
            },
        },
    }


def openssl(content, *arguments):
    return subprocess.run(["openssl", "dgst", "-sha256", *arguments], input=content, capture_output=True, check=False)


def signed_part(payload):
    """What an envelope's signature is over."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD), PAYLOAD.encode(), len(payload), payload)


def envelope(payload, key):
    done = openssl(signed_part(payload), "-sign", key)
    if done.returncode:
        raise SystemExit(f"provenance: {done.stderr.decode()}")
    return {"payloadType": PAYLOAD, "payload": base64.b64encode(payload).decode(),
            "signatures": [{"keyid": "", "sig": base64.b64encode(done.stdout).decode()}]}


def opened(written, key):
    """The statement in what was written: in an envelope if there is a key, which must have signed it."""
    if not key:
        return written
    payload = base64.b64decode(written["payload"])
    with tempfile.NamedTemporaryFile() as signature:
        signature.write(base64.b64decode(written["signatures"][0]["sig"]))
        signature.flush()
        if openssl(signed_part(payload), "-verify", key, "-signature", signature.name).returncode:
            raise SystemExit("provenance: it is not signed with this key")
    return json.loads(payload)


def findings(folder):
    file = next(folder.glob("*-provenance.json"))
    said = opened(json.loads(file.read_text()), os.environ.get("VERIFYING_KEY"))
    subjects = {one["name"]: one["digest"]["sha256"] for one in said["subject"]}
    files = {each.name for each in folder.iterdir()} - {"SHA256SUMS", "SHA256SUMS.sig", file.name}
    if said["_type"] != TYPE or said["predicateType"] != PREDICATE:
        yield "it is not an in-toto statement with SLSA's provenance"
    if subjects.keys() != files:
        yield f"it is about {sorted(subjects)}, and the files are {sorted(files)}"
    for name, digest in subjects.items():
        if sha256(folder / name) != digest:
            yield f"{name} is another file"
    built_from = {one["name"] for one in said["predicate"]["buildDefinition"]["resolvedDependencies"]}
    bill = json.loads(next(folder.glob("*-sbom.json")).read_text())
    for part in bill["components"]:
        if f"{part['name']}-{part['version']}" not in " ".join(built_from):
            yield f"the SBOM has {part['name']} {part['version']}, and the release was built without it"


def main(folder, *about):
    if about:
        said = statement(folder, *about)
        key = os.environ.get("SIGNING_KEY")
        print(json.dumps(envelope(json.dumps(said).encode(), key) if key else said, indent=2))
        return 0
    wrong = list(findings(folder))
    for finding in wrong:
        print(f"provenance: {finding}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
