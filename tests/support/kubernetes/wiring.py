"""What refers to what must find it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.kubernetes.manifests import (
    WORKLOADS, Manifest, Pod, made_secrets, matches, named, names, of, one, pods,
)  # fmt: skip

_BROUGHT = {"doctorai-tls": {"tls.crt", "tls.key"}}
"""Secrets that the operator brings (docs/kubernetes.md)."""


def selecting(objects: list[Manifest]) -> Iterator[str]:
    """Every selector means some pod; those of workloads, Services and budgets exactly one workload's."""
    all_pods = pods(objects)
    for found in of(objects, *WORKLOADS, "Service", "PodDisruptionBudget"):
        selector = found["spec"]["selector"]
        meant = [pod for pod in all_pods if matches(_label_selector(found["kind"], selector), pod.labels)]
        if [pod.owner.partition("/")[2] for pod in meant] != [found["metadata"]["name"]]:
            yield f"{named(found)}: selects {[pod.owner for pod in meant]}"
    for found in of(objects, "NetworkPolicy"):
        yield from _policy(found, all_pods)
    for pod in all_pods:
        yield from _spread(pod)


def _label_selector(kind: str, selector: Manifest) -> Manifest:
    return {"matchLabels": selector} if kind == "Service" else selector


def _policy(found: Manifest, all_pods: list[Pod]) -> Iterator[str]:
    rules = [*found["spec"].get("ingress", []), *found["spec"].get("egress", [])]
    peers = [peer for rule in rules for peer in (*rule.get("from", []), *rule.get("to", []))]
    own = [peer["podSelector"] for peer in peers if set(peer) == {"podSelector"}]
    for selector in [found["spec"]["podSelector"], *own]:
        if not any(matches(selector, pod.labels) for pod in all_pods):
            yield f"{named(found)}: {selector} means no pod"


def _spread(pod: Pod) -> Iterator[str]:
    rules = pod.spec.get("topologySpreadConstraints", [])
    near = pod.spec.get("affinity", {}).get("podAntiAffinity", {})
    terms = [rule["podAffinityTerm"] for rule in near.get("preferredDuringSchedulingIgnoredDuringExecution", [])]
    if pod.component in ("gateway", "inference") and not (rules and terms):
        yield f"{pod.owner}: is not spread"
    for rule in (*rules, *terms):
        if rule["labelSelector"].get("matchLabels") != pod.labels and not _own(rule["labelSelector"], pod):
            yield f"{pod.owner}: is spread by {rule['labelSelector']}"


def _own(selector: Manifest, pod: Pod) -> bool:
    name = "app.kubernetes.io/name"
    return matches(selector, pod.labels) and selector["matchLabels"].get(name) == pod.labels[name]


def scaled(objects: list[Manifest]) -> Iterator[str]:
    """The gateway and each service have one autoscaler, which alone says how many there are."""
    scalers = of(objects, "HorizontalPodAutoscaler", "ScaledObject")
    for pod in pods(objects):
        kind, _, name = pod.owner.partition("/")
        mine = [scaler for scaler in scalers if scaler["spec"]["scaleTargetRef"].get("name") == name]
        wanted = {"apiVersion": "apps/v1", "kind": kind, "name": name}
        if pod.component not in ("gateway", "inference"):
            continue
        if [scaler["spec"]["scaleTargetRef"] for scaler in mine] != [wanted]:
            yield f"{pod.owner}: is scaled by {[named(scaler) for scaler in mine]}"
        if "replicas" in one(objects, pod.owner)["spec"]:
            yield f"{pod.owner}: `replicas` fights with the autoscaler"
        if name not in names(objects, "PodDisruptionBudget"):
            yield f"{pod.owner}: has no budget"
    if strangers := {scaler["spec"]["scaleTargetRef"]["name"] for scaler in scalers} - {
        pod.owner.partition("/")[2] for pod in pods(objects)
    }:
        yield f"scaled, but not there: {strangers}"


def connected(objects: list[Manifest]) -> Iterator[str]:
    """Services, Ingresses and ServiceMonitors name ports that are there."""
    for service in of(objects, "Service"):
        (pod,) = (p for p in pods(objects) if p.owner.partition("/")[2] == service["metadata"]["name"])
        ports = {port["name"]: port["containerPort"] for port in pod.main["ports"]}
        for port in service["spec"]["ports"]:
            if ports.get(port["targetPort"]) != port["port"]:
                yield f"{named(service)}: port {port['port']} leads to {port['targetPort']}, of {ports}"
    for ingress in of(objects, "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                yield from _backend(objects, named(ingress), path["backend"]["service"])
    for monitor in of(objects, "ServiceMonitor"):
        meant = [s for s in of(objects, "Service") if matches(monitor["spec"]["selector"], s["metadata"]["labels"])]
        for endpoint in monitor["spec"]["endpoints"]:
            if not meant or any(endpoint["port"] not in _port_names(service) for service in meant):
                yield f"{named(monitor)}: finds no port {endpoint['port']} at {[named(s) for s in meant]}"


def _backend(objects: list[Manifest], ingress: str, backend: Manifest) -> Iterator[str]:
    services = [s for s in of(objects, "Service") if s["metadata"]["name"] == backend["name"]]
    if not any(backend["port"]["name"] in _port_names(service) for service in services):
        yield f"{ingress}: there is no {backend}"


def _port_names(service: Manifest) -> set[str]:
    return {port["name"] for port in service["spec"]["ports"]}


def found(objects: list[Manifest]) -> Iterator[str]:
    """Every ConfigMap, Secret, key, claim and volume that is referred to."""
    secrets = {name: set(data) for name, data in made_secrets().items()} | _BROUGHT
    claims = names(objects, "PersistentVolumeClaim")
    for pod in pods(objects):
        volumes = {volume["name"] for volume in pod.spec.get("volumes", [])} | set(pod.claims)
        for container in pod.containers:
            for mount in container.get("volumeMounts", []):
                if mount["name"] not in volumes:
                    yield f"{pod.owner}: there is no volume {mount['name']}"
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in names(objects, "ConfigMap"):
                    yield f"{pod.owner}: there is no {source}"
        for volume in pod.spec.get("volumes", []):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim and claim not in claims:
                yield f"{pod.owner}: there is no claim {claim}"
        for name, keys in _secrets(pod):
            if not keys <= secrets.get(name, set()) or name not in secrets:
                yield f"{pod.owner}: there is no secret {name} with {keys}"
    for name, keys in _others(objects):
        if not keys <= secrets.get(name, set()):
            yield f"there is no secret {name} with {keys}"


def _secrets(pod: Pod) -> Iterator[tuple[str, set[str]]]:
    for volume in pod.spec.get("volumes", []):
        if "secret" in volume:
            yield volume["secret"]["secretName"], {item["key"] for item in volume["secret"].get("items", [])}
        for source in volume.get("projected", {}).get("sources", []):
            yield source["secret"]["name"], {item["key"] for item in source["secret"].get("items", [])}


def _others(objects: list[Manifest]) -> Iterator[tuple[str, set[str]]]:
    for ingress in of(objects, "Ingress"):
        for entry in ingress["spec"]["tls"]:
            yield entry["secretName"], {"tls.crt", "tls.key"}
    for monitor in of(objects, "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            if "authorization" in endpoint:
                credentials = endpoint["authorization"]["credentials"]
                yield credentials["name"], {credentials["key"]}
