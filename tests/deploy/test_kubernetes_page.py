"""The page on Kubernetes: the Ingress sends what is the API's to the gateway, as nginx does in containers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from starlette.routing import Mount, Route

from cli.plan import ROOT
from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.deploy.test_kubernetes import EVERY
from tests.support.kubernetes.manifests import Manifest, build, named, one, pod_of, render

WITH_INGRESS = EVERY[1:]


def api_paths(file: str) -> set[str]:
    """What a file of nginx sends to the gateway."""
    text = (ROOT / "deploy" / "nginx" / file).read_text(encoding="utf-8")
    (found,) = re.findall(r"location ~ \^/\(([^)]*)\)\(/\|\$\) \{\s+set \$gateway", text)
    return {f"/{path.replace(chr(92), '')}" for path in found.split("|")}


def backend(objects: list[Manifest], path: str) -> str | None:
    """The Service that the Ingress sends a path to: that of the longest prefix, element by element."""
    (rule,) = one(objects, "Ingress/gateway")["spec"]["rules"]
    fitting = [p for p in rule["http"]["paths"] if f"{path}/".startswith(f"{p['path'].rstrip('/')}/")]
    assert all(p["pathType"] == "Prefix" for p in rule["http"]["paths"])
    chosen = max(fitting, key=lambda p: len(p["path"]), default=None)
    return chosen["backend"]["service"]["name"] if chosen else None


@pytest.mark.parametrize("folder", WITH_INGRESS)
def test_the_apis_paths_are_those_of_nginx(folder: str) -> None:
    (rule,) = one(render(folder), "Ingress/gateway")["spec"]["rules"]
    sent = {p["path"] for p in rule["http"]["paths"] if p["backend"]["service"]["name"] == "gateway"}
    assert sent == api_paths("nginx.conf") == api_paths("frontend.conf")


@pytest.mark.parametrize("folder", WITH_INGRESS)
def test_metrics_and_the_rest_are_the_pages(folder: str) -> None:
    objects = render(folder)
    for path in ("/", "/metrics", "/metrics/", "/assets/a.js", "/apis", "/v10/models", "/docsx"):
        assert backend(objects, path) == "frontend", path
    for path in ("/api/predict/tumor", "/v2/models/tumor/infer", "/docs", "/openapi.json", "/readyz"):
        assert backend(objects, path) == "gateway", path


def test_every_documented_route_of_the_gateway_is_reached() -> None:
    objects = render("overlays/production")
    app = create_app(GatewaySettings(doctorai_mode="local"))
    paths = {*app.openapi()["paths"], *(route.path for route in app.routes if isinstance(route, Route | Mount))}
    assert {"/api/token", "/v2", "/docs", "/static-offline-docs"} <= paths
    assert {path for path in paths if backend(objects, path) != "gateway"} == set()


def test_without_the_page_only_the_api_is_reached(tmp_path: Path) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    (tmp_path / "api").mkdir()
    kustomization = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": "doctorai",
        "resources": ["../deploy/kubernetes/base"],
        "components": ["../deploy/kubernetes/components/ingress"],
    }
    (tmp_path / "api" / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
    objects = build(tmp_path / "api")
    assert backend(objects, "/metrics") is None
    assert backend(objects, "/api/token") == "gateway"
    assert "Deployment/frontend" not in {named(found) for found in objects}


def test_there_are_two_and_one_may_go() -> None:
    objects = render("overlays/production")
    found = one(objects, "Deployment/frontend")
    assert found["spec"]["replicas"] == 2
    assert one(objects, "PodDisruptionBudget/frontend")["spec"]["maxUnavailable"] == 1
    pod = pod_of(objects, "Deployment/frontend")
    # told to stop, nginx takes nothing more: it is told when nobody sends it anything
    wait = int(pod.main["lifecycle"]["preStop"]["exec"]["command"][1])
    assert 5 <= wait <= pod.spec["terminationGracePeriodSeconds"] - 10
