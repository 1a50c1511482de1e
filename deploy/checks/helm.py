"""Checks the chart: renders it for a table of values, and validates the results as manifests.py does those of the overlays.

    helm.py FOLDER           writes each rendering into FOLDER, and its configuration and variables next to it

Exit code 1 and one line per finding if something is wrong.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml

import manifests

CHART = manifests.ROOT / "helm" / "sluice"
TENANT = {"name": "support-bot", "plan": "paid", "keys": ["sha256:" + "1f" * 32]}
SHARED = {"redis": {"url": "rediss://redis.data:6380"}}
EVERYTHING = {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
              "prometheusRule": {"enabled": True}, "dashboards": {"enabled": True}}

GOOD = {
    "default": {},
    "one-pod": {"config": {"tenants": [TENANT]}, "persistence": {"size": "1Gi", "storageClass": "fast"}},
    "own-claim": {"persistence": {"existingClaim": "mine"}},
    "no-volume": {"persistence": {"enabled": False}},
    "three-pods": {"replicas": 3, **SHARED, "config": {"tenants": [TENANT]}},
    "bundled-redis": {"replicas": 3, "redis": {"bundled": True}},
    "redis-without-password": {"replicas": 2, "redis": {"url": "redis://cache:6379", "passwordKey": ""}},
    "sentinels": {"replicas": 2, "redis": {"url": "redis://a:26379,redis://b:26379", "mode": "sentinel"}},
    "autoscaled": {**SHARED, "autoscaling": {"enabled": True, "inFlight": 1000}},
    "postgresql": {"replicas": 3, **SHARED, "postgresql": {"enabled": True}},
    "postgresql-one-pod": {"postgresql": {"enabled": True}},
    "ingress": {"ingress": {"enabled": True, "className": "nginx", "host": "sluice.example.com", "tlsSecret": "tls"}},
    "route": {"httpRoute": {"enabled": True, "parentRefs": [{"name": "gateway"}], "hostnames": ["s.example.com"]}},
    "monitored": {**EVERYTHING, "config": {"tenants": [TENANT]}},
    "closed": {"networkPolicy": {"callers": [{"namespaceSelector": {"matchLabels": {"team": "search"}}}],
                                 "egress": [{"to": [{"ipBlock": {"cidr": "10.1.2.3/32"}}],
                                             "ports": [{"protocol": "TCP", "port": 3128}]}]}},
    "no-policy": {"networkPolicy": {"enabled": False}},
    "placed": {"nodeSelector": {"disk": "ssd"}, "tolerations": [{"key": "gpu", "operator": "Exists"}],
               "podLabels": {"team": "platform"}, "podAnnotations": {"a": "b"}, "priorityClassName": "high",
               "javaToolOptions": "-Xlog:gc", "env": [{"name": "TZ", "value": "UTC"}],
               "extraVolumes": [{"name": "tls", "secret": {"secretName": "sluice"}}],
               "extraVolumeMounts": [{"name": "tls", "mountPath": "/etc/tls", "readOnly": True}],
               "image": {"pullSecrets": [{"name": "registry"}]}},
    "drained-fast": {"drain": {"delay": 1, "grace": 30, "idle": 0}},
    "own-settings": {**SHARED, "replicas": 2, "config": {
        "upstream": {"accounts": [{"name": "eu", "rpm": 100, "keys": ["file:/run/secrets/sluice/openai-api-key"]}]},
        "redis": {"on-store-loss": "closed"}, "cache": {"mode": "off"}, "tenants": [TENANT]}},
}

BAD = {
    "more than one pod needs Redis": {"replicas": 2},
    "redis.url and redis.bundled exclude": {"redis": {"url": "redis://a:6379", "bundled": True}},
    "ingress.host is missing": {"ingress": {"enabled": True}},
    "httpRoute.parentRefs is empty": {"httpRoute": {"enabled": True}},
    "replica": {"replica": 3},
    "redis": {"redis": {"url": "cache:6379"}},
    "tenant": {"config": {"tenant": []}},
    "port": {"service": {"port": 0}},
    "inFlight": {"autoscaling": {"inFlight": "many"}},
}


def template(values):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(values, file)
        file.flush()
        return subprocess.run(["helm", "template", "sluice", str(CHART), "--namespace", "sluice", "--values", file.name,
                               "--kube-version", "1.34"], capture_output=True, text=True)


def refused(said, values):
    done = template(values)
    if done.returncode == 0:
        yield f"{values} is not refused"
    elif said not in done.stderr:
        yield f"{values} is refused, but not for '{said}': {done.stderr}"


class Fit(manifests.Fit):
    """As for the overlays, but for values that leave something out."""

    def findings(self):
        policies = {one["metadata"]["name"] for one in self.all("NetworkPolicy")}
        for check in (self.selectors, self.ports, self.volumes, self.pods_are_restricted, self.scaling, self.goodbye,
                      self.copies, self.monitors, self.one_source, self.quantities):
            yield from check()
        if "sluice" in policies:
            yield from self.ledger()

    def made(self):
        return super().made() | {("PersistentVolumeClaim", "mine")}


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["helm", "lint", "--strict", "--quiet", str(CHART)], check=True)
    findings = [finding for said, values in BAD.items() for finding in refused(said, values)]
    for name, values in GOOD.items():
        done = template(values)
        if done.returncode:
            findings.append(f"{name}: {done.stderr}")
            continue
        objects = [one for one in yaml.safe_load_all(done.stdout) if one]
        (folder / f"{name}.json").write_text(json.dumps(objects))
        fit = Fit(objects)
        (folder / f"{name}.yaml").write_text(
            next(one for one in fit.all("ConfigMap") if one["metadata"]["name"] == "sluice")["data"]["sluice.yaml"])
        (folder / f"{name}.env").write_text("".join(f"{key}={value}\n" for key, value in fit.variables().items()
                                                    if key == "LEDGER_URL"))
        found = [*manifests.by_schema(objects), *fit.findings()]
        findings += [f"{name}: {finding}" for finding in found]
        print(f"{name}: {len(objects)} manifests, {len(found)} findings")
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
