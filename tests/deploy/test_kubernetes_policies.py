"""The policies can fail: each manifest here is made wrong in one place, and the problem is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.deploy.test_kubernetes import FROM_OUTSIDE, INSIDE, NAMES
from tests.support.kubernetes.manifests import Manifest, matches, of, one, render
from tests.support.kubernetes.network import reachable
from tests.support.kubernetes.policies import problems

GONE = object()
TUMOR, GATEWAY, REDIS = "Deployment/tumor", "StatefulSet/gateway", "StatefulSet/redis"
FRONTEND = "Deployment/frontend"
POD, MAIN = "spec.template.spec", "spec.template.spec.containers.0"

# the object, where it is changed, to what, and what is said of it
WRONG: list[tuple[str, str, Any, str]] = [
    (TUMOR, f"{POD}.hostNetwork", True, "tumor: hostNetwork"),
    (TUMOR, f"{POD}.volumes.2", {"name": "tmp", "hostPath": {"path": "/"}}, "the volume tmp is of {'hostPath'}"),
    (TUMOR, f"{POD}.securityContext.runAsNonRoot", GONE, "tumor: runs as 10001"),
    (TUMOR, f"{POD}.securityContext.runAsUser", 0, "tumor: runs as 0"),
    (REDIS, f"{POD}.securityContext.seccompProfile", GONE, "seccomp is None"),
    (GATEWAY, f"{POD}.automountServiceAccountToken", GONE, "automountServiceAccountToken"),
    (TUMOR, f"{POD}.enableServiceLinks", True, "enableServiceLinks"),
    (TUMOR, f"{MAIN}.securityContext.readOnlyRootFilesystem", False, "tumor: service has"),
    (TUMOR, f"{MAIN}.securityContext.capabilities.add", ["NET_ADMIN"], "tumor: service has"),
    (TUMOR, f"{POD}.initContainers.0.securityContext", GONE, "tumor: models has None"),
    (TUMOR, f"{MAIN}.ports.0.hostPort", 8080, "has a port of the host"),
    (TUMOR, f"{MAIN}.resources.limits.memory", GONE, "no memory limit"),
    (TUMOR, f"{MAIN}.resources.requests.cpu", "3", "requests more cpu"),
    (TUMOR, f"{POD}.volumes.2.emptyDir", {}, "the volume tmp has no limit"),
    (TUMOR, f"{MAIN}.image", "doctorai/tumor:latest", "has no tag"),
    (TUMOR, f"{MAIN}.image", "registry:5000/doctorai/tumor", "has no tag"),
    (TUMOR, f"{MAIN}.livenessProbe", GONE, "has no livenessProbe"),
    (TUMOR, f"{MAIN}.livenessProbe.httpGet.port", "web", "asks a port that it has not"),
    (TUMOR, f"{MAIN}.livenessProbe.httpGet.path", "/health/ready", "would restart"),
    (TUMOR, f"{POD}.topologySpreadConstraints", GONE, "is not spread"),
    (TUMOR, f"{POD}.topologySpreadConstraints.0.labelSelector.matchLabels", {"a": "b"}, "is spread by"),
    (TUMOR, "spec.template.metadata.labels", {"app.kubernetes.io/component": "inference"}, "Deployment/tumor: selects"),
    (TUMOR, "spec.replicas", 3, "fights with the autoscaler"),
    (TUMOR, f"{POD}.terminationGracePeriodSeconds", 20, "is killed before"),
    (TUMOR, f"{POD}.volumes.1.projected.sources.1.secret.name", "doctorai-rdis", "no secret doctorai-rdis"),
    (TUMOR, f"{POD}.volumes.1.projected.sources.0.secret.items.0.path", "token", "service_token, which is not"),
    (GATEWAY, f"{POD}.volumes.0.secret.items.0.key", "password", "with {'password'}"),
    (REDIS, f"{POD}.initContainers.0.securityContext", GONE, "redis: users has None"),
    (FRONTEND, f"{POD}.securityContext.runAsUser", 10001, "frontend: runs as 10001"),
    (FRONTEND, f"{POD}.topologySpreadConstraints", GONE, "frontend: is not spread"),
    ("PodDisruptionBudget/frontend", "metadata.name", "page", "Deployment/frontend: has no budget"),
    ("Ingress/gateway", "spec.rules.0.http.paths.9.backend.service.port.name", "web", "Ingress/gateway: there is no"),
    (TUMOR, f"{MAIN}.envFrom.0.configMapRef.name", "service-settings", "there is no {'configMapRef'"),
    (TUMOR, f"{MAIN}.env.2", {"name": "INSTANCE", "value": "x"}, "nothing reads INSTANCE"),
    (TUMOR, f"{MAIN}.env.0.name", "IP", "ADVERTISE_ADDRESS is http://$(POD_IP):8080"),
    (TUMOR, f"{MAIN}.volumeMounts.1.mountPath", "/secret", "which is not mounted"),
    (TUMOR, f"{MAIN}.volumeMounts.2.name", "temp", "there is no volume temp"),
    (GATEWAY, "spec.volumeClaimTemplates", GONE, "there is no volume logs"),
    ("Deployment/models", f"{POD}.volumes.0.persistentVolumeClaim.claimName", "model", "there is no claim model"),
    ("Service/tumor", "spec.selector", {"app.kubernetes.io/component": "inference"}, "Service/tumor: selects"),
    ("Service/xray", "spec.selector", {"app.kubernetes.io/name": "x-ray"}, "Service/xray: selects []"),
    ("Service/redis", "spec.ports.0.targetPort", "http", "leads to http"),
    ("PodDisruptionBudget/palm", "spec.selector.matchLabels", {"app": "palm"}, "PodDisruptionBudget/palm: selects []"),
    ("PodDisruptionBudget/palm", "metadata.name", "plam", "has no budget"),
    ("HorizontalPodAutoscaler/palm", "spec.scaleTargetRef.name", "plam", "Deployment/palm: is scaled by []"),
    ("HorizontalPodAutoscaler/gateway", "spec.scaleTargetRef.kind", "Deployment", "StatefulSet/gateway: is scaled"),
    ("NetworkPolicy/redis", "spec.podSelector", {"matchLabels": {"app": "redis"}}, "NetworkPolicy/redis"),
    ("Ingress/gateway", "spec.rules.0.http.paths.0.backend.service.name", "web", "Ingress/gateway: there is no"),
    ("Ingress/gateway", "spec.tls.0.secretName", "tls", "no secret tls"),
    ("ServiceMonitor/inference", "spec.endpoints.0.port", "metrics", "finds no port metrics"),
    ("ServiceMonitor/gateway", "spec.selector", {"matchLabels": {"app": "web"}}, "ServiceMonitor/gateway: finds"),
    ("ServiceMonitor/gateway", "spec.endpoints.0.authorization.credentials.key", "token", "with {'token'}"),
]


@pytest.fixture
def objects() -> list[Manifest]:
    """Production, with the models' volume besides."""
    return [*render("overlays/production"), *_models()]


def _models() -> list[Manifest]:
    shared = render("overlays/shared-storage")
    return [one(shared, "Deployment/models"), one(shared, "PersistentVolumeClaim/models")]


def change(found: Any, path: str, value: Any) -> None:
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    for step in steps:
        found = found[step]
    if value is GONE:
        del found[last]
    else:
        found[last] = value


@pytest.mark.parametrize(("name", "path", "value", "told"), WRONG, ids=[f"{name}-{path}" for name, path, *_ in WRONG])
def test_what_is_wrong_is_told(objects: list[Manifest], name: str, path: str, value: Any, told: str) -> None:
    assert problems(objects) == []
    change(one(objects, name), path, value)
    assert [problem for problem in problems(objects) if told in problem], problems(objects)


def test_a_setting_that_nothing_reads_is_told(objects: list[Manifest]) -> None:
    (settings,) = (m for m in of(objects, "ConfigMap") if m["metadata"]["name"].startswith("gateway-settings"))
    settings["data"]["AUDIT_LOG_RETENTION"] = "30"
    assert problems(objects) == ["StatefulSet/gateway: nothing reads AUDIT_LOG_RETENTION"]


def _drop(name: str) -> Callable[[list[Manifest]], None]:
    return lambda objects: objects.remove(one(objects, name))


def _set(name: str, path: str, value: Any) -> Callable[[list[Manifest]], None]:
    return lambda objects: change(one(objects, name), path, value)


ANYTHING = {
    "podSelector": {"matchLabels": {"app.kubernetes.io/component": "inference"}},
    "policyTypes": ["Ingress", "Egress"],
    "ingress": [{}],
    "egress": [{}],
}
EVERYWHERE = [{"ipBlock": {"cidr": "0.0.0.0/0"}}]
FIRST = "spec.ingress.0.from.0"
# what opens the network, and whom it then lets through
OPEN = {
    "nothing is denied": (_drop("NetworkPolicy/default-deny"), ("redis", "stranger", 22)),
    "services reach each other": (_set("NetworkPolicy/inference", "spec", ANYTHING), ("inference", "inference", 8080)),
    "a whole namespace": (
        _set("NetworkPolicy/prometheus-gateway", f"{FIRST}.podSelector", {}),
        ("grafana", "gateway", 8000),
    ),
    "every namespace": (
        _set("NetworkPolicy/redis", f"{FIRST}.namespaceSelector", {}),
        ("stranger", "redis", 6379),
    ),
    "every address": (_set("NetworkPolicy/gateway", "spec.egress.0.to", EVERYWHERE), ("gateway", "dns", 8080)),
    "the page may go out": (
        _set("NetworkPolicy/dns", "spec.podSelector", {}),
        ("frontend", "dns", 53),
    ),
    "every port": (
        _set("NetworkPolicy/ingress-controller", "spec.ingress.0.ports", []),
        ("ingress-controller", "gateway", 22),
    ),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_network_that_is_too_open_is_seen(objects: list[Manifest], case: str) -> None:
    spoil, opened = OPEN[case]
    assert reachable(objects) == INSIDE | NAMES | FROM_OUTSIDE
    spoil(objects)
    assert opened in reachable(objects)


def test_a_network_that_is_too_closed_is_seen(objects: list[Manifest]) -> None:
    change(one(objects, "NetworkPolicy/redis"), "spec.ingress.0.ports.0.port", 6380)
    assert INSIDE - reachable(objects) == {("gateway", "redis", 6379), ("inference", "redis", 6379)}


def test_expressions_of_selectors() -> None:
    def says(operator: str, labels: dict[str, str], *values: str) -> bool:
        return matches({"matchExpressions": [{"key": "a", "operator": operator, "values": list(values)}]}, labels)

    assert says("In", {"a": "1"}, "1", "2")
    assert not says("In", {}, "1")
    assert says("NotIn", {}, "1")
    assert not says("NotIn", {"a": "1"}, "1")
    assert says("Exists", {"a": ""})
    assert says("DoesNotExist", {"b": ""})
    assert matches({}, {"a": "1"})
