"""Every ConfigMap, Secret, key, claim and volume that is referred to must be there."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.kubernetes.manifests import Manifest, Pod, made_secrets, mounted_secrets, named, names, of, pods

_BROUGHT = {"doctorai-tls": {"tls.crt", "tls.key"}}
"""Secrets that the operator brings (docs/kubernetes.md)."""


def found(objects: list[Manifest]) -> Iterator[str]:
    for pod in pods(objects):
        yield from _mounts(pod)
        yield from _sources(pod, names(objects, "ConfigMap"), names(objects, "PersistentVolumeClaim"))
    secrets = {name: set(data) for name, data in made_secrets().items()} | _BROUGHT
    for owner, name, keys in _secrets(objects):
        if name not in secrets or not keys <= secrets[name]:
            yield f"{owner}: there is no secret {name} with {keys}"


def _mounts(pod: Pod) -> Iterator[str]:
    volumes = {volume["name"] for volume in pod.spec.get("volumes", [])} | set(pod.claims)
    for container in pod.containers:
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"{pod.owner}: there is no volume {mount['name']}"


def _sources(pod: Pod, maps: set[str], claims: set[str]) -> Iterator[str]:
    for container in pod.containers:
        for source in container.get("envFrom", []):
            if source["configMapRef"]["name"] not in maps:
                yield f"{pod.owner}: there is no {source}"
    for volume in pod.spec.get("volumes", []):
        claim = volume.get("persistentVolumeClaim", {}).get("claimName")
        if claim and claim not in claims:
            yield f"{pod.owner}: there is no claim {claim}"


def _secrets(objects: list[Manifest]) -> Iterator[tuple[str, str, set[str]]]:
    for pod in pods(objects):
        for volume in pod.spec.get("volumes", []):
            for name, items in mounted_secrets(volume):
                yield pod.owner, name, {item["key"] for item in items}
    for ingress in of(objects, "Ingress"):
        for entry in ingress["spec"]["tls"]:
            yield named(ingress), entry["secretName"], {"tls.crt", "tls.key"}
    for monitor in of(objects, "ServiceMonitor"):
        for endpoint in monitor["spec"]["endpoints"]:
            if "authorization" in endpoint:
                credentials = endpoint["authorization"]["credentials"]
                yield named(monitor), credentials["name"], {credentials["key"]}
