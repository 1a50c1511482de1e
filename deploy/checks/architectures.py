"""Looks into an image for several architectures, an archive in OCI's layout: architectures.py ARCHIVE ARCHITECTURE…

Each manifest must be of the architecture that the index says, and so must every program and library in its layers.
"""
import collections
import hashlib
import io
import json
import struct
import sys
import tarfile

MACHINES = {62: "amd64", 183: "arm64"}
INDEXES = {"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"}


class Layout:
    def __init__(self, file):
        self.tar = tarfile.open(file)

    def blob(self, descriptor):
        kind, digest = descriptor["digest"].split(":")
        content = self.tar.extractfile(f"blobs/{kind}/{digest}").read()
        if hashlib.new(kind, content).hexdigest() != digest or len(content) != descriptor["size"]:
            raise ValueError(f"{descriptor['digest']} is another content")
        return content

    def manifests(self, index=None):
        index = index or json.load(self.tar.extractfile("index.json"))
        for descriptor in index["manifests"]:
            content = json.loads(self.blob(descriptor))
            if descriptor["mediaType"] in INDEXES:
                yield from self.manifests(content)
            else:
                yield descriptor.get("platform", {}).get("architecture"), content


def machine(head):
    """The architecture of an ELF file by its first bytes; nothing for another kind of file."""
    if head[:4] != b"\x7fELF":
        return None
    return MACHINES.get(struct.unpack("<H", head[18:20])[0], "another architecture")


def findings(layout, wanted, seen):
    for said, manifest in layout.manifests():
        config = json.loads(layout.blob(manifest["config"]))
        if config["architecture"] != said:
            yield f"the index says {said} of an image for {config['architecture']}"
        for descriptor in manifest["layers"]:
            with tarfile.open(fileobj=io.BytesIO(layout.blob(descriptor))) as layer:
                for member in layer:
                    of = machine(layer.extractfile(member).read(20)) if member.isfile() and member.size > 20 else None
                    if of is not None:
                        seen[said] += 1
                        if of != said:
                            yield f"{said}: {member.name} is for {of}"
    if set(seen) != set(wanted):
        yield f"it has {sorted(seen)} (expected: {sorted(wanted)})"


def main(file, *wanted):
    seen = collections.Counter()
    wrong = list(findings(Layout(file), wanted, seen))
    for finding in wrong:
        print(f"image: {finding}", file=sys.stderr)
    print("image: " + ", ".join(f"{many} programs and libraries for {of}" for of, many in sorted(seen.items())))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
