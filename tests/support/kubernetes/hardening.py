"""What every pod must be: `restricted` after the Pod Security Standards, and a little more."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.kubernetes.manifests import Manifest, Pod, pods, quantity

_VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret"}
_CONTAINER = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
_USERS = {"redis": 999, "frontend": 101}


def restricted(objects: list[Manifest]) -> Iterator[str]:
    for pod in pods(objects):
        spec, context = pod.spec, pod.spec.get("securityContext", {})
        for name in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace", "ephemeralContainers"):
            if name in spec:
                yield f"{pod.owner}: {name}"
        for name in ("automountServiceAccountToken", "enableServiceLinks"):
            if spec.get(name) is not False:
                yield f"{pod.owner}: {name} is not false"
        if context.get("runAsNonRoot") is not True or context.get("runAsUser") != _USERS.get(pod.component, 10001):
            yield f"{pod.owner}: runs as {context.get('runAsUser')}"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{pod.owner}: seccomp is {context.get('seccompProfile')}"
        for volume in spec.get("volumes", []):
            if kinds := set(volume) - {"name"} - _VOLUMES:
                yield f"{pod.owner}: the volume {volume['name']} is of {kinds}"
        yield from _containers(pod)


def _containers(pod: Pod) -> Iterator[str]:
    for container in pod.containers:
        # equal, so that nothing is added: not a capability, not another user
        if container.get("securityContext") != _CONTAINER:
            yield f"{pod.owner}: {container['name']} has {container.get('securityContext')}"
        if any("hostPort" in port for port in container.get("ports", [])):
            yield f"{pod.owner}: {container['name']} has a port of the host"


def limited(objects: list[Manifest]) -> Iterator[str]:
    for pod in pods(objects):
        for container in pod.containers:
            resources = container.get("resources", {})
            limits, requests = resources.get("limits", {}), resources.get("requests", {})
            for name in ("cpu", "memory"):
                if name not in limits or name not in requests:
                    yield f"{pod.owner}: {container['name']} has no {name} limit or request"
                elif quantity(requests[name]) > quantity(limits[name]):
                    yield f"{pod.owner}: {container['name']} requests more {name} than it may use"
        for volume in pod.spec.get("volumes", []):
            if "sizeLimit" not in volume.get("emptyDir", {"sizeLimit": None}):
                yield f"{pod.owner}: the volume {volume['name']} has no limit"


def tagged(objects: list[Manifest]) -> Iterator[str]:
    for pod in pods(objects):
        for container in pod.containers:
            tag = container["image"].rpartition("/")[2].partition(":")[2]
            if tag in ("", "latest"):
                yield f"{pod.owner}: {container['image']} has no tag of its own"


def watched(objects: list[Manifest]) -> Iterator[str]:
    for pod in pods(objects):
        if pod.component == "models":  # serves nobody
            continue
        container = pod.main
        ports = {port["name"] for port in container["ports"]}
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            probe = container.get(name)
            if not probe:
                yield f"{pod.owner}: has no {name}"
            elif probe.get("httpGet", {"port": None})["port"] not in (None, *ports):
                yield f"{pod.owner}: {name} asks a port that it has not"
        # a bundle that does not load is told by readiness; a restart would not mend it
        for name in ("startupProbe", "livenessProbe"):
            if "ready" in container.get(name, {}).get("httpGet", {}).get("path", ""):
                yield f"{pod.owner}: {name} would restart what is only not ready"
