"""Checks every manifest that kustomize renders: against the schemas of Kubernetes, and that its parts fit each other.

    manifests.py FOLDER      renders each overlay into FOLDER, alone and with each component, and beside it what the
                             ConfigMap holds and the variables of its container

Exit code 1 and one line per finding if something is wrong.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
VERSIONS = ["1.31", "1.34", "1.37"]
QUANTITY = re.compile(r"\d+(\.\d+)?(m|k|[MGT]i?|Ki)?")
TARGETS = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
FOREIGN = {"ServiceMonitor", "PrometheusRule", "HTTPRoute"}  # types.ts checks these


def render(overlay):
    command = ["kubectl", "kustomize"] if shutil.which("kubectl") else ["kustomize", "build"]
    return [one for one in yaml.safe_load_all(subprocess.check_output([*command, overlay], text=True)) if one]


def variants(folder):
    """Each overlay, and each with one component."""
    kubernetes = ROOT / "kubernetes"
    for overlay in sorted((kubernetes / "overlays").iterdir()):
        yield overlay.name, overlay
        for component in sorted((kubernetes / "components").iterdir()):
            both = folder / f"{overlay.name}-{component.name}"
            both.mkdir()
            (both / "kustomization.yaml").write_text(yaml.safe_dump({
                "resources": [os.path.relpath(overlay, both)], "components": [os.path.relpath(component, both)]}))
            yield both.name, both


def by_schema(objects):
    for one in objects:
        if one["kind"] in FOREIGN:
            continue
        for version in VERSIONS:
            try:
                kubernetes_validate.validate(one, version, strict=True)
            except kubernetes_validate.ValidationError as wrong:
                where = "/".join(str(step) for step in wrong.path)
                yield f"{one['kind']} {one['metadata']['name']} ({version}): {where}: {wrong.message}"


class Fit:
    """What no schema knows: that names, labels, ports and times of one object are those of another."""

    def __init__(self, objects):
        self.objects = objects
        self.pods = [one["spec"]["template"] for one in objects if one["kind"] in ("Deployment", "StatefulSet")]

    def all(self, kind):
        return [one for one in self.objects if one["kind"] == kind]

    def findings(self):
        for check in (self.selectors, self.ports, self.volumes, self.pods_are_restricted, self.scaling, self.goodbye,
                      self.copies, self.monitors, self.one_source, self.quantities, self.ledger):
            yield from check()

    def selected(self, labels):
        return [pod for pod in self.pods if labels.items() <= pod["metadata"]["labels"].items()]

    def selectors(self):
        for one in self.objects:
            spec = one.get("spec", {})
            selector = spec.get("podSelector" if one["kind"] == "NetworkPolicy" else "selector")
            if selector is None or one["kind"] == "ServiceMonitor":
                continue
            labels = selector.get("matchLabels", selector)
            found = len(self.selected(labels))
            if found != 1:
                yield f"{one['kind']} {one['metadata']['name']} selects {found} kinds of pods by {labels}"

    def ports(self):
        for service in self.all("Service"):
            for port in service["spec"]["ports"]:
                names = {p["name"] for pod in self.selected(service["spec"]["selector"])
                         for c in pod["spec"]["containers"] for p in c["ports"]}
                if port["targetPort"] not in names:
                    yield f"Service {service['metadata']['name']} leads to {port['targetPort']} of {names}"
        for pod in self.pods:
            for container in pod["spec"]["containers"]:
                names = {p["name"] for p in container["ports"]}
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    asked = container.get(probe, {})
                    port = (asked.get("httpGet") or asked.get("tcpSocket") or {}).get("port")
                    if port is not None and port not in names:
                        yield f"{probe} of {container['name']} asks port {port} of {names}"

    def volumes(self):
        made = self.made()
        for pod in self.pods:
            claims = set()
            for volume in pod["spec"].get("volumes", []):
                claims.add(volume["name"])
                for key, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName"),
                                        ("persistentVolumeClaim", "PersistentVolumeClaim", "claimName")):
                    if key in volume and (kind, volume[key][name]) not in made:
                        yield f"there is no {kind} {volume[key][name]}"
            for container in pod["spec"]["containers"]:
                missing = {m["name"] for m in container["volumeMounts"]} - claims - {"data"}
                if missing:
                    yield f"{container['name']} mounts {missing}, which is no volume"

    def made(self):
        """What there is for pods to mount."""
        return {(one["kind"], one["metadata"]["name"]) for one in self.objects} | {("Secret", "sluice")}

    def pods_are_restricted(self):
        for pod in self.pods:
            inner = pod["spec"]["securityContext"]
            if not inner.get("runAsNonRoot") or inner["seccompProfile"]["type"] != "RuntimeDefault":
                yield f"{pod['metadata']['labels']} may run as root, or without seccomp"
            for container in pod["spec"]["containers"]:
                own = container["securityContext"]
                if own != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True,
                           "capabilities": {"drop": ["ALL"]}}:
                    yield f"{container['name']} may do more than it must"

    def scaling(self):
        deployment = self.all("Deployment")[0]["spec"]
        for scaler in self.all("HorizontalPodAutoscaler"):
            least = scaler["spec"]["minReplicas"]
            if deployment.get("replicas", least) != least:
                yield "the Deployment begins with another number of replicas than its autoscaler's least"
            if self.config()["redis"]["max-replicas"] < scaler["spec"]["maxReplicas"]:
                yield "redis.max-replicas is less than the autoscaler's most"

    def quantities(self):
        """The schemas take any text for these."""
        for key, value in each(self.objects):
            if key in ("requests", "limits") and not all(QUANTITY.fullmatch(str(amount)) for amount in value.values()):
                yield f"{value} is not an amount of something"
            if key == "target" and value.keys() - {"type"} != {TARGETS.get(value["type"])}:
                yield f"{value} is no target"

    def goodbye(self):
        pod = self.all("Deployment")[0]["spec"]["template"]["spec"]
        drain = self.config()["drain"]
        pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        needed = pause + seconds(drain["delay"]) + seconds(drain["grace"]) + 15
        if pod["terminationGracePeriodSeconds"] < needed:
            yield f"terminationGracePeriodSeconds is less than {needed}, so that streams are cut"

    def copies(self):
        """Two processes without Redis would spend the account's quota twice, also while one replaces the other."""
        spec = self.all("Deployment")[0]["spec"]
        alone = spec.get("replicas") == 1 and spec["strategy"]["type"] == "Recreate"
        if (not alone or self.all("HorizontalPodAutoscaler")) and not self.config().get("redis", {}).get("url"):
            yield "more than one process without Redis"

    def monitors(self):
        for monitor in self.all("ServiceMonitor"):
            wanted = monitor["spec"]["selector"]["matchLabels"].items()
            services = [s for s in self.all("Service") if wanted <= s["metadata"]["labels"].items()]
            ports = {p["name"] for s in services for p in s["spec"]["ports"]}
            if len(services) != 1 or not {e["port"] for e in monitor["spec"]["endpoints"]} <= ports:
                yield f"ServiceMonitor {monitor['metadata']['name']} finds {len(services)} services with {ports}"

    def one_source(self):
        rules = yaml.safe_load((ROOT / "prometheus" / "rules.yaml").read_text())
        for one in self.all("PrometheusRule"):
            if one["spec"] != rules:
                yield "prometheus-rule.yaml is not what deploy/prometheus/manifest makes of rules.yaml"

    def ledger(self):
        """A variable names another ledger than the file; its server must be within reach."""
        policy = next(one for one in self.all("NetworkPolicy") if one["metadata"]["name"] == "sluice")
        ports = {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]}
        if ("LEDGER_URL" in self.variables()) != (5432 in ports):
            yield "LEDGER_URL and a way to port 5432 do not go together"
        if "${LEDGER_URL:" not in self.config()["ledger"]["url"]:
            yield "ledger.url does not go by LEDGER_URL"

    def variables(self):
        container = self.all("Deployment")[0]["spec"]["template"]["spec"]["containers"][0]
        return {one["name"]: one["value"] for one in container.get("env", [])}

    def config(self):
        return yaml.safe_load(next(one for one in self.all("ConfigMap") if "sluice.yaml" in one["data"])["data"]["sluice.yaml"])


def each(tree):
    """Every key of every object of a tree, and its value."""
    for one in tree if isinstance(tree, list) else [tree]:
        if isinstance(one, dict):
            for key, value in one.items():
                yield key, value
                yield from each(value)


def seconds(duration):
    number, unit = re.fullmatch(r"(\d+)(s|m|h)", duration).groups()
    return int(number) * {"s": 1, "m": 60, "h": 3600}[unit]


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, path in variants(folder):
        objects = render(path)
        (folder / f"{name}.json").write_text(json.dumps(objects))
        config = next(one for one in objects if one["kind"] == "ConfigMap" and "sluice.yaml" in one["data"])
        (folder / f"{name}.yaml").write_text(config["data"]["sluice.yaml"])
        fit = Fit(objects)
        (folder / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in fit.variables().items()))
        findings = [*by_schema(objects), *fit.findings()]
        wrong += len(findings)
        for finding in findings:
            print(f"{name}: {finding}")
        print(f"{name}: {len(objects)} manifests, {len(findings)} findings")
    for example in sorted((ROOT / "kubernetes" / "examples").glob("*.yaml")):
        for finding in by_schema(one for one in yaml.safe_load_all(example.read_text()) if one):
            wrong += 1
            print(f"{example.name}: {finding}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
