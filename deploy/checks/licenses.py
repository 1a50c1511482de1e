"""Lists the license of every part of the jar from its SBOM; exit code 1 if one is not accepted: licenses.py SBOM"""
import json
import sys

# If a part offers several, one is enough.
ACCEPTED = {"Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "EPL-2.0"}


def licenses(part):
    return {entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
            for entry in part.get("licenses", [])}


def main(sbom):
    with open(sbom, encoding="utf-8") as file:
        parts = sorted(json.load(file)["components"], key=lambda part: part["purl"])
    refused = [part["purl"] for part in parts if not licenses(part) & ACCEPTED]
    for part in parts:
        print(f"{part['group']}:{part['name']}:{part['version']}  {' or '.join(sorted(licenses(part)))}")
    for purl in refused:
        print(f"{purl}: its license is not among {sorted(ACCEPTED)}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
