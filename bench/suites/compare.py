"""What a suite gave through nginx and through Sluice: compare.py SUITE REPORTS.

Ends with code 1 if a test differs that differences.tsv does not explain, or if no test ran.
"""

import collections
import csv
import json
import pathlib
import sys
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).parent


def outcomes(reports):
    """Each test's outcome and, if it failed, the first line of why. A name that comes again has its number behind it."""
    seen, tests = collections.Counter(), {}
    for name, outcome, why in [*junit(reports), *jest(reports)]:
        seen[name] += 1
        tests[name if seen[name] == 1 else f"{name} #{seen[name]}"] = outcome, first_line(why)
    return tests


def junit(reports):
    for path in sorted(reports.glob("*.xml")):
        for case in xml.etree.ElementTree.parse(path).iter("testcase"):
            name = f"{case.get('classname')}.{case.get('name')}"
            problem = next((child for child in case if child.tag in ("failure", "error")), None)
            if problem is not None:
                yield name, "failed", problem.get("message") or problem.text
            else:
                yield name, "passed" if case.find("skipped") is None else "skipped", ""


def jest(reports):
    for path in reports.glob("*.json"):
        for file in sorted(json.loads(path.read_text())["testResults"], key=lambda file: file["name"]):
            for case in file["assertionResults"]:
                name = f"{file['name'].partition('/tests/')[2]} {case['fullName']}"
                outcome = case["status"] if case["status"] in ("passed", "failed") else "skipped"
                yield name, outcome, "".join(case["failureMessages"])


def first_line(text):
    return next(iter((text or "").strip().splitlines()), "")[:300]


def counts(tests):
    found = collections.Counter(outcome for outcome, _ in tests.values())
    return ", ".join(f"{found[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))


def main(suite, reports):
    nginx, sluice = (outcomes(pathlib.Path(reports, gateway)) for gateway in ("nginx", "sluice"))
    with open(HERE / "differences.tsv", newline="") as table:
        explained = {row["test"]: row["why"] for row in csv.DictReader(table, delimiter="\t") if row["suite"] == suite}
    print(f"{suite}: nginx {counts(nginx)}; sluice {counts(sluice)}")
    unexplained = 0
    for name in sorted(nginx.keys() | sluice.keys()):
        before, after = nginx.get(name, ("missing", "")), sluice.get(name, ("missing", ""))
        if before[0] != after[0]:
            why = explained.get(name)
            unexplained += why is None
            print(f"  {name}: {before[0]}, {after[0]}: {why or 'NOT EXPLAINED: ' + before[1] + after[1]}")
    return 1 if unexplained or not nginx else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
