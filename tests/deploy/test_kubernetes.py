"""The Kubernetes manifests: valid for two versions, hardened, and wired to what is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from cli.plan import ROOT, known_services
from shared.settings import load_settings
from shared.version import VERSION
from tests.support.kubernetes.manifests import (
    KUBERNETES,
    Manifest,
    Pod,
    build,
    named,
    names,
    of,
    one,
    pod_of,
    pods,
    render,
)
from tests.support.kubernetes.manifests import quantity as amount
from tests.support.kubernetes.network import reachable
from tests.support.kubernetes.policies import problems
from tests.support.kubernetes.settings import POD_IP, environment, files, settings_of

EVERY = ("base", *(f"overlays/{folder.name}" for folder in sorted((KUBERNETES / "overlays").iterdir())))
VERSIONS = ("1.30", "1.34")
CUSTOM = {
    "PrometheusRule": "monitoring.coreos.com/v1",
    "ScaledObject": "keda.sh/v1alpha1",
    "ServiceMonitor": "monitoring.coreos.com/v1",
}
every = pytest.mark.parametrize("folder", EVERY)


@every
@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_after_the_schema(folder: str, version: str) -> None:
    for found in render(folder):
        if found["kind"] in CUSTOM:
            assert found["apiVersion"] == CUSTOM[found["kind"]]
        else:
            kubernetes_validate.validate(found, version, strict=True)


@every
def test_policies_hold(folder: str) -> None:
    assert problems(render(folder)) == []


@every
def test_all_is_in_one_namespace_and_labelled(folder: str) -> None:
    objects = render(folder)
    for found in objects:
        if found["kind"] != "Namespace":
            assert found["metadata"]["namespace"] == "doctorai", named(found)
    namespace = one(objects, "Namespace/doctorai")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for pod in pods(objects):
        labels = {"app.kubernetes.io/name", "app.kubernetes.io/component"}
        assert labels <= set(pod.labels), pod.owner


@every
def test_no_secret_is_in_the_manifests(folder: str) -> None:
    assert of(render(folder), "Secret") == []


@every
def test_every_service_is_there(folder: str) -> None:
    objects = render(folder)
    wanted = {name.replace("_", "-") for name in known_services()}
    inference = {pod.owner for pod in pods(objects) if pod.component == "inference"}
    assert inference == {f"Deployment/{name}" for name in wanted}
    for name in known_services():
        found = one(objects, f"Service/{name.replace('_', '-')}")
        assert found["spec"]["clusterIP"] == "None"
        assert f"/{name}:" in pod_of(objects, f"Deployment/{name.replace('_', '-')}").main["image"]


@every
def test_the_programs_take_their_settings(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    objects = render(folder)
    for pod in pods(objects):
        if pod.component in ("gateway", "inference"):
            settings: Any = _load(objects, pod, tmp_path / pod.main["name"], monkeypatch)
            assert settings.redis_url == "redis://redis:6379"
            if pod.component == "gateway":
                assert settings.service_url_template.format(host="lung-colon") == "http://lung-colon:8080"
            else:
                assert settings.address() == f"http://{POD_IP}:{settings.port}"


def _load(objects: list[Manifest], pod: Pod, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for path, content in files(pod).items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    with monkeypatch.context() as patch:
        patch.delenv("DOCTORAI_MODE")
        for name, value in environment(objects, pod).items():
            patch.setenv(name, f"{folder}{value}" if name.endswith("_FILE") else value)
        return load_settings(settings_of(pod))


INSIDE = {("gateway", "inference", 8080), ("gateway", "redis", 6379), ("inference", "redis", 6379)}
NAMES = {(source, "dns", 53) for source in ("gateway", "inference")}
FROM_OUTSIDE = {
    ("ingress-controller", "gateway", 8000),
    ("ingress-controller", "frontend", 8080),
    ("prometheus", "gateway", 8000),
    ("prometheus", "inference", 8080),
}


@every
def test_only_the_gateway_reaches_services_and_nobody_else_reaches_anything(folder: str) -> None:
    assert reachable(render(folder)) == INSIDE | NAMES | (set() if folder == "base" else FROM_OUTSIDE)


@pytest.mark.parametrize("folder", [folder for folder in EVERY if folder != "overlays/gpu"])
def test_limits_are_those_of_compose(folder: str) -> None:
    objects = render(folder)
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for pod in pods(objects):
        if pod.component != "models":
            kind = compose[pod.owner.partition("/")[2].replace("-", "_")]
            limits, wanted = pod.main["resources"]["limits"], kind["deploy"]["resources"]["limits"]
            assert amount(limits["cpu"]) == float(_default(wanted["cpus"])), pod.owner
            # what Docker calls 512M is 512Mi here
            assert amount(limits["memory"]) == amount(_default(wanted["memory"]).replace("M", "Mi")), pod.owner


def _default(text: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def test_images_are_of_this_version() -> None:
    for pod in pods(render("overlays/production")):
        for container in pod.containers:
            assert container["image"] == "redis:7-alpine" or container["image"].endswith(f":{VERSION}")


def test_every_overlay_and_component_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    named_there = set(re.findall(r"(?:deploy/kubernetes/)?((?:overlays|components)/[a-z-]+)", page))
    there = {f"{kind}/{path.name}" for kind in ("overlays", "components") for path in (KUBERNETES / kind).iterdir()}
    assert named_there == there
    # no component that no overlay tries
    used = {name for overlay in EVERY[1:] for name in _components(overlay)}
    assert used == {name for name in there if name.startswith("components/")}


def _components(overlay: str) -> set[str]:
    text = (KUBERNETES / overlay / "kustomization.yaml").read_text(encoding="utf-8")
    return {path.removeprefix("../../") for path in yaml.safe_load(text)["components"]}


def test_namespaced_names_do_not_meet() -> None:
    for folder in EVERY:
        objects = render(folder)
        assert len({named(found) for found in objects}) == len(objects)
        assert len(names(objects, "HorizontalPodAutoscaler") | names(objects, "ScaledObject")) == 7


def test_the_pages_example_is_taken(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.S)
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    (tmp_path / "clinic").mkdir()
    (tmp_path / "clinic" / "kustomization.yaml").write_text(example, encoding="utf-8")
    objects = build(tmp_path / "clinic")
    assert problems(objects) == []
    images = {container["image"] for pod in pods(objects) for container in pod.containers}
    for policy in ("ingress-controller", "ingress-controller-frontend"):
        (rule,) = one(objects, f"NetworkPolicy/{policy}")["spec"]["ingress"]
        (peer,) = rule["from"]
        assert peer == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
    assert {image for image in images if not image.startswith("registry.clinic.example/")} == {"redis:7-alpine"}
    (rule,) = one(objects, "Ingress/gateway")["spec"]["rules"]
    assert rule["host"] == "doctorai.clinic.example"
    gateway = environment(objects, pod_of(objects, "StatefulSet/gateway"))
    assert gateway["CORS_ORIGINS"] == "https://doctorai.clinic.example"
    assert gateway["REDIS_URL"] == "redis://redis:6379"


def test_what_the_page_says_that_it_asks_for() -> None:
    requests: list[tuple[float, float]] = []
    for pod in pods(render("base")):
        asked = pod.main["resources"]["requests"]
        count = 1 if pod.component == "redis" else 2
        requests.append((count * amount(asked["cpu"]), count * amount(asked["memory"]) / (1 << 30)))
    cpus, memory = (sum(each) for each in zip(*requests, strict=True))
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    assert f"asks for {cpus:g} CPUs and {memory:g} GiB" in page
