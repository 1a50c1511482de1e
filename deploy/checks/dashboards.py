"""Runs the query of every panel of every dashboard against a Prometheus that scraped a gateway under load.

    dashboards.py [PICTURES]     with a folder, also draws the dashboards into it

Exit code 1 if a panel is empty, a rule cannot be evaluated, or promtool finds fault with the live metrics.
"""
import json
import pathlib
import subprocess
import sys
import time

import draw
import live

DASHBOARDS = sorted((live.ROOT / "deploy" / "grafana").glob("*.json"))
VARIABLES = {"$job": "sluice", "$tenant": "search", "$__rate_interval": "10s", "$__range": "30s"}


def filled(query):
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def series(stage, query, end):
    """What Grafana would draw: names and numbers over the time of the load."""
    answer = stage.ask("query_range", query=filled(query), start=end - live.SECONDS + 12, end=end, step=1)
    return [(one["metric"], [(at, float(value)) for at, value in one["values"] if value != "NaN"])
            for one in answer["result"]]


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def empty(stage, dashboard, end):
    for panel in panels(dashboard):
        for target in panel["targets"]:
            if not any(points for _, points in series(stage, target["expr"], end)):
                yield f"{dashboard['title']} / {panel['title']}: no data from {filled(target['expr'])}"


def sick_rules(stage):
    for group in stage.ask("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] != "ok":
                yield f"rule {rule['name']} is {rule['health']}: {rule.get('lastError', '')}"


def lint(stage):
    found = subprocess.run(["promtool", "check", "metrics"], input=live.get(stage.admin("/metrics")), text=True,
                           capture_output=True, check=False)
    return [line for line in found.stderr.splitlines() if line] if found.returncode else []


def main(pictures):
    with live.stage() as stage:
        stage.load()
        end = time.time()
        dashboards = [json.loads(file.read_text()) for file in DASHBOARDS]
        findings = [*lint(stage), *sick_rules(stage), *(one for each in dashboards for one in empty(stage, each, end))]
        for file, dashboard in zip(DASHBOARDS, dashboards):
            if pictures and not findings:
                draw.page(pictures / f"{file.stem}.html", dashboard, lambda query: series(stage, query, end))
    for finding in findings:
        print(finding)
    count = sum(len(panels(each)) for each in dashboards)
    print(f"{count} panels of {len(dashboards)} dashboards, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else None))
