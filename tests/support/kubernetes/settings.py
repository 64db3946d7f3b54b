"""What a container finds in its environment, and whether its program would take it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import PurePosixPath

from pydantic_settings import BaseSettings

from gateway.settings import GatewaySettings
from services.chatbot.settings import ChatbotSettings
from shared.service.settings import ServiceSettings
from shared.settings import variables
from tests.support.kubernetes.manifests import Manifest, Pod, made_secrets, mounted_secrets, named, pods

_ELSEWHERE = {"POD_IP", "TENSORFLOW_MEMORY_GROWTH"}
"""Put into another variable; read by a backend."""
POD_IP = "10.244.1.7"


def settings_of(pod: Pod) -> type[BaseSettings]:
    return GatewaySettings if pod.component == "gateway" else ServiceSettings


def environment(objects: list[Manifest], pod: Pod) -> dict[str, str]:
    """As the kubelet sets it, for a pod at ``POD_IP``."""
    given: dict[str, str] = {}
    for source in pod.main.get("envFrom", []):
        wanted = f"ConfigMap/{source['configMapRef']['name']}"
        given |= next((found["data"] for found in objects if named(found) == wanted), {})
    for entry in pod.main.get("env", []):
        field = entry.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
        value = {"status.podIP": POD_IP, "metadata.name": "a-pod", None: entry.get("value")}[field]
        given[entry["name"]] = str(value).replace("$(POD_IP)", given.get("POD_IP", "$(POD_IP)"))
    return given


def files(pod: Pod, container: Manifest | None = None) -> dict[str, bytes]:
    """Path → content of every secret that is mounted; in its main container, if no other is named."""
    mounted = {mount["name"]: mount["mountPath"] for mount in (container or pod.main)["volumeMounts"]}
    return {
        f"{mounted[volume['name']]}/{place}": base64.b64decode(value)
        for volume in pod.spec["volumes"]
        if volume["name"] in mounted
        for name, items in mounted_secrets(volume)
        for place, value in _placed(made_secrets().get(name, {}), items)
    }


def _placed(secret: dict[str, str], items: list[Manifest]) -> Iterator[tuple[str, str]]:
    if not items:
        yield from secret.items()
    for item in items:
        if item["key"] in secret:
            yield item["path"], secret[item["key"]]


def known(objects: list[Manifest]) -> Iterator[str]:
    """Every variable is a field of the program's settings; every file is mounted."""
    for pod in pods(objects):
        if pod.component not in ("gateway", "inference"):
            continue
        # the six share one ConfigMap, so that the chatbot's own are seen by all
        classes = (GatewaySettings,) if pod.component == "gateway" else (ServiceSettings, ChatbotSettings)
        fields = {name.upper() for cls in classes for key, f in cls.model_fields.items() for name in variables(f, key)}
        for name, value in environment(objects, pod).items():
            if name not in _ELSEWHERE and name.removesuffix("_FILE") not in fields:
                yield f"{pod.owner}: nothing reads {name}"
            if name.endswith("_FILE") and str(PurePosixPath(value)) not in files(pod):
                yield f"{pod.owner}: {name} names {value}, which is not mounted"
            if "$(" in value:
                yield f"{pod.owner}: {name} is {value}"


def in_time(objects: list[Manifest]) -> Iterator[str]:
    """A pod that is told to stop has the time to linger and drain."""
    for pod in pods(objects):
        if pod.component in ("gateway", "inference"):
            given, defaults = environment(objects, pod), settings_of(pod).model_fields
            wanted = sum(float(given.get(n.upper(), defaults[n].default)) for n in ("linger_seconds", "drain_seconds"))
            if pod.spec["terminationGracePeriodSeconds"] < wanted + 5:
                yield f"{pod.owner}: is killed before it has drained for {wanted} s"
