"""Renders what `kubectl apply -k` would send, and finds what belongs together in it."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.plan import ROOT

Manifest = dict[str, Any]
KUBERNETES = ROOT / "deploy" / "kubernetes"
WORKLOADS = ("Deployment", "StatefulSet")
COMPONENT = "app.kubernetes.io/component"
REPLICATED = ("gateway", "inference", "frontend")
"""Of which there are several, so that one may go."""


@dataclass(frozen=True)
class Pod:
    """What a workload makes pods of."""

    owner: str
    labels: dict[str, str]
    spec: Manifest
    claims: tuple[str, ...]
    """Volumes that each pod gets for itself."""

    @property
    def component(self) -> str:
        return self.labels[COMPONENT]

    @property
    def containers(self) -> list[Manifest]:
        """Those that run before the others, too."""
        return [*self.spec.get("initContainers", []), *self.spec["containers"]]

    @property
    def main(self) -> Manifest:
        return dict(self.spec["containers"][0])


def render(folder: str) -> list[Manifest]:
    """The objects of a folder of ``deploy/kubernetes``; the test skips where nothing can render it."""
    return deepcopy(_rendered(folder))


@functools.cache
def _rendered(folder: str) -> list[Manifest]:
    return build(KUBERNETES / folder)


def build(folder: Path) -> list[Manifest]:
    """The objects of any folder with a `kustomization.yaml`."""
    done = subprocess.run([*_kustomize(), folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [found for found in yaml.safe_load_all(done.stdout) if found]


def _kustomize() -> list[str]:
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    pytest.skip("neither kubectl nor kustomize is on this machine")


@functools.cache
def made_secrets() -> dict[str, dict[str, str]]:
    """Secret → key → value in base64, as `secrets.sh` makes them."""
    if not shutil.which("kubectl") or not shutil.which("openssl"):
        pytest.skip("kubectl and openssl make the Secrets; not both are on this machine")
    command = ["bash", KUBERNETES / "secrets.sh", "--dry-run=client", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {found["metadata"]["name"]: found["data"] for found in _documents(done.stdout)}


def _documents(text: str) -> Iterator[Manifest]:
    at = 0
    while text[at:].strip():
        found, length = json.JSONDecoder().raw_decode(text[at:].lstrip())
        at += len(text[at:]) - len(text[at:].lstrip()) + length
        yield found


def mounted_secrets(volume: Manifest) -> Iterator[tuple[str, list[Manifest]]]:
    """Each secret of a volume, and which of its keys are taken; none for all."""
    if "secret" in volume:
        yield volume["secret"]["secretName"], volume["secret"].get("items", [])
    for source in volume.get("projected", {}).get("sources", []):
        yield source["secret"]["name"], source["secret"].get("items", [])


def named(found: Manifest) -> str:
    return f"{found['kind']}/{found['metadata']['name']}"


def of(objects: list[Manifest], *kinds: str) -> list[Manifest]:
    return [found for found in objects if found["kind"] in kinds]


def one(objects: list[Manifest], name: str) -> Manifest:
    """The object that ``Kind/name`` names."""
    (found,) = (found for found in objects if named(found) == name)
    return found


def names(objects: list[Manifest], kind: str) -> set[str]:
    return {found["metadata"]["name"] for found in of(objects, kind)}


def pods(objects: list[Manifest]) -> list[Pod]:
    return [_pod(found) for found in of(objects, *WORKLOADS)]


def pod_of(objects: list[Manifest], workload: str) -> Pod:
    return _pod(one(objects, workload))


def _pod(found: Manifest) -> Pod:
    spec, template = found["spec"], found["spec"]["template"]
    claims = tuple(claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", []))
    return Pod(named(found), template["metadata"]["labels"], template["spec"], claims)


def matches(selector: Manifest, labels: dict[str, str]) -> bool:
    """A LabelSelector; an empty one matches everything."""
    unknown = set(selector) - {"matchLabels", "matchExpressions"}
    assert not unknown, f"a selector has no {unknown}"
    equal = all(labels.get(key) == value for key, value in (selector.get("matchLabels") or {}).items())
    return equal and all(_expressed(rule, labels) for rule in selector.get("matchExpressions", []))


def _expressed(rule: Manifest, labels: dict[str, str]) -> bool:
    value, values = labels.get(rule["key"]), rule.get("values", [])
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[rule["operator"]]


def quantity(text: str) -> float:
    """CPUs or bytes. Docker's ``M`` is what Kubernetes calls ``Mi``; give it that."""
    units = {"m": 1e-3, "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}
    for unit, factor in units.items():
        if text.endswith(unit):
            return float(text.removesuffix(unit)) * factor
    return float(text)
