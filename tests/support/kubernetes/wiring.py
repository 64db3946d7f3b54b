"""What refers to what must find it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.kubernetes.manifests import (
    REPLICATED,
    WORKLOADS,
    Manifest,
    Pod,
    matches,
    named,
    names,
    of,
    one,
    pods,
)


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
    if pod.component in REPLICATED and not (rules and terms):
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
        if pod.component in REPLICATED and name not in names(objects, "PodDisruptionBudget"):
            yield f"{pod.owner}: has no budget"
        if pod.component not in ("gateway", "inference"):
            continue
        if [scaler["spec"]["scaleTargetRef"] for scaler in mine] != [wanted]:
            yield f"{pod.owner}: is scaled by {[named(scaler) for scaler in mine]}"
        if "replicas" in one(objects, pod.owner)["spec"]:
            yield f"{pod.owner}: `replicas` fights with the autoscaler"
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
