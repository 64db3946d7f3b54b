"""Who may reach whom, after the NetworkPolicies: a connection must be let out at one end and in at the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network

from tests.support.kubernetes.manifests import Manifest, matches, of, pods

NAMESPACE = "doctorai"
_NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True)
class Peer:
    """A pod of some namespace."""

    name: str
    namespace: str
    labels: dict[str, str] = field(default_factory=dict)


OUTSIDE = (
    Peer("ingress-controller", "ingress-nginx", {"app.kubernetes.io/name": "ingress-nginx"}),
    Peer("prometheus", "monitoring", {"app.kubernetes.io/name": "prometheus"}),
    Peer("grafana", "monitoring", {"app.kubernetes.io/name": "grafana"}),
    Peer("dns", "kube-system", {"k8s-app": "kube-dns"}),
    Peer("stranger", "default", {"app.kubernetes.io/component": "gateway"}),
)


def reachable(objects: list[Manifest]) -> set[tuple[str, str, int]]:
    """Every (source, target, TCP port) that is let through; pods by their component."""
    own = [Peer(pod.component, NAMESPACE, pod.labels) for pod in pods(objects)]
    policies = of(objects, "NetworkPolicy")
    ports = {port["containerPort"] for pod in pods(objects) for port in pod.main.get("ports", [])} | {22, 53}
    return {
        (source.name, target.name, port)
        for source in (*own, *OUTSIDE)
        for target in (*own, *OUTSIDE)
        if NAMESPACE in (source.namespace, target.namespace)
        for port in ports
        if _passes(policies, "Egress", source, target, port) and _passes(policies, "Ingress", target, source, port)
    }


def _passes(policies: list[Manifest], way: str, subject: Peer, other: Peer, port: int) -> bool:
    """A pod that no policy of that way selects may do everything; else any rule that fits is enough."""
    if subject.namespace != NAMESPACE:
        return True
    chosen = [
        policy["spec"]
        for policy in policies
        if way in policy["spec"]["policyTypes"] and matches(policy["spec"]["podSelector"], subject.labels)
    ]
    end = {"Egress": "to", "Ingress": "from"}[way]
    rules = [rule for spec in chosen for rule in spec.get(way.lower(), [])]
    return not chosen or any(_fits(rule.get(end), rule.get("ports"), other, port) for rule in rules)


def _fits(peers: list[Manifest] | None, ports: list[Manifest] | None, other: Peer, port: int) -> bool:
    there = not peers or any(_is(peer, other) for peer in peers)
    return there and (not ports or any(rule.get("protocol", "TCP") == "TCP" and _at(rule, port) for rule in ports))


def _at(rule: Manifest, port: int) -> bool:
    if "port" not in rule:
        return True
    return bool(rule["port"] <= port <= rule.get("endPort", rule["port"]))


def _is(peer: Manifest, other: Peer) -> bool:
    if "ipBlock" in peer:  # no pod has a link-local address; of any other block, a pod's might be in it
        return not ip_network(peer["ipBlock"]["cidr"]).is_link_local
    if "namespaceSelector" in peer:
        if not matches(peer["namespaceSelector"], {_NAME: other.namespace}):
            return False
    elif other.namespace != NAMESPACE:
        return False
    return matches(peer.get("podSelector", {}), other.labels)
