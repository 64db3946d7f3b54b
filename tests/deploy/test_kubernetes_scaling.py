"""What the autoscalers ask for is what the programs tell, through Prometheus, its adapter or KEDA."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from cli.plan import known_services
from gateway.metrics import GatewayMetrics
from services.tumor.definition import SERVICE
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.kubernetes.manifests import KUBERNETES, Manifest, of, one, render

SCALED = {"gateway", "chatbot", "lung-colon", "monkeypox", "palm", "tumor", "xray"}
LABELS = {"namespace", "pod", "service"}
"""That Prometheus gives to what a ServiceMonitor finds."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Component → the names of its metrics."""
    settings = ServiceSettings(model_path=tmp_path_factory.mktemp("models"))
    service = create_app(SERVICE, settings).state.service.metrics.registry
    found = {"gateway": GatewayMetrics({}).registry, "inference": service}
    return {name: {metric.name for metric in registry.collect()} for name, registry in found.items()}


def component(found: Manifest) -> str:
    return str(found["metadata"]["labels"]["app.kubernetes.io/component"])


def asked(query: str) -> set[str]:
    """The metrics of a query."""
    if names := re.search(r'__name__=~"([^"]+)"', query):
        return set(names[1].split("|"))
    return set(re.findall(r"\b(\w+)\{", query))


def test_the_base_scales_by_cpu_and_memory() -> None:
    scalers = of(render("base"), "HorizontalPodAutoscaler")
    assert {scaler["metadata"]["name"] for scaler in scalers} == SCALED
    for scaler in scalers:
        assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (2, 10)
        targets = {m["resource"]["name"]: m["resource"]["target"] for m in scaler["spec"]["metrics"]}
        assert targets == {
            "cpu": {"type": "Utilization", "averageUtilization": 70},
            "memory": {"type": "Utilization", "averageUtilization": 80},
        }


def test_what_is_in_flight_comes_through_the_adapter(told: dict[str, set[str]]) -> None:
    rules = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text(encoding="utf-8"))["rules"]["custom"]
    by_name = {rule["name"]["as"]: rule for rule in rules}
    wanted = set()
    for scaler in of(render("overlays/production"), "HorizontalPodAutoscaler"):
        (metric,) = (m["pods"] for m in scaler["spec"]["metrics"] if m["type"] == "Pods")
        assert metric["target"]["type"] == "AverageValue"
        rule = by_name[metric["metric"]["name"]]
        series = rule["seriesQuery"].partition("{")[0]
        query = rule["metricsQuery"].replace("<<.Series>>", series)
        assert {series} <= asked(query) <= told[component(scaler)]
        assert re.fullmatch(rule["name"]["matches"], series)
        assert set(rule["resources"]["overrides"]) <= LABELS
        assert "<<.LabelMatchers>>" in query
        assert "<<.GroupBy>>" in query
        wanted.add(metric["metric"]["name"])
    assert wanted == set(by_name)


def test_keda_takes_the_autoscalers_place(told: dict[str, set[str]]) -> None:
    objects = render("overlays/keda")
    assert of(objects, "HorizontalPodAutoscaler") == []
    scaled = of(objects, "ScaledObject")
    assert {found["metadata"]["name"] for found in scaled} == SCALED
    autoscalers = {found["metadata"]["name"]: found["spec"] for found in of(render("base"), "HorizontalPodAutoscaler")}
    for found in scaled:
        name, spec = found["metadata"]["name"], found["spec"]
        keys = {"scaleTargetRef", "minReplicaCount", "maxReplicaCount", "advanced", "triggers"}
        assert set(spec) == keys
        assert spec["scaleTargetRef"] == autoscalers[name]["scaleTargetRef"]
        assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (2, 10)
        behavior = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]
        assert behavior == autoscalers[name]["behavior"]
        cpu, memory, prometheus = spec["triggers"]
        assert cpu == {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}}
        assert memory == {"type": "memory", "metricType": "Utilization", "metadata": {"value": "80"}}
        assert prometheus["type"] == "prometheus"
        assert set(prometheus["metadata"]) == {"serverAddress", "threshold", "query"}
        query = prometheus["metadata"]["query"]
        assert f'namespace="doctorai",service="{name.replace("-", "_")}"' in query
        assert asked(query) <= told[component(found)]
        assert asked(query)


def test_both_ways_have_the_same_thresholds() -> None:
    keda = {s["metadata"]["name"]: s["spec"] for s in of(render("overlays/keda"), "ScaledObject")}
    for scaler in of(render("overlays/production"), "HorizontalPodAutoscaler"):
        (metric,) = (m["pods"] for m in scaler["spec"]["metrics"] if m["type"] == "Pods")
        triggers = keda[scaler["metadata"]["name"]]["triggers"]
        assert triggers[2]["metadata"]["threshold"] == metric["target"]["averageValue"]


@pytest.mark.parametrize("folder", ["overlays/production", "overlays/keda", "overlays/gpu", "overlays/shared-storage"])
def test_prometheus_finds_every_service_and_shows_the_gateway_its_token(folder: str) -> None:
    objects = render(folder)
    for name in ("gateway", "inference"):
        monitor = one(objects, f"ServiceMonitor/{name}")
        assert set(monitor["spec"]) == {"selector", "endpoints"}
        (endpoint,) = monitor["spec"]["endpoints"]
        assert (endpoint["port"], endpoint["path"]) == ("http", "/metrics")
        wanted = {"type": "Bearer", "credentials": {"name": "doctorai-metrics", "key": "metrics_token"}}
        assert endpoint.get("authorization") == (wanted if name == "gateway" else None)


def test_prometheus_names_a_service_by_its_folder() -> None:
    """As Compose does: dashboards and rules know `lung_colon`."""
    objects = render("overlays/production")
    (endpoint,) = one(objects, "ServiceMonitor/inference")["spec"]["endpoints"]
    named = {"targetLabel": "service", "sourceLabels": ["__meta_kubernetes_service_label_doctorai_folder"]}
    assert named in endpoint["relabelings"]
    services = [found for found in of(objects, "Service") if component(found) == "inference"]
    assert {found["metadata"]["labels"]["doctorai/folder"] for found in services} == set(known_services())


def test_each_instance_has_a_gpu_of_its_own() -> None:
    objects = render("overlays/gpu")
    for found in of(objects, "Deployment"):
        pod = found["spec"]["template"]["spec"]
        resources = pod["containers"][0]["resources"]
        if component(found) != "inference":
            assert "nvidia.com/gpu" not in resources["limits"]
            continue
        assert resources["limits"]["nvidia.com/gpu"] == resources["requests"]["nvidia.com/gpu"] == "1"
        assert {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"} in pod["tolerations"]
        assert pod["containers"][0]["image"].endswith("-gpu")
        # no more than there are GPUs for
        assert found["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 1, "maxSurge": 0}
    (settings,) = (m["data"] for m in of(objects, "ConfigMap") if m["metadata"]["name"].startswith("service-settings"))
    assert settings["CHATBOT_USE_GPU"] == "true"


def test_models_come_from_the_image_or_from_one_volume() -> None:
    for folder in ("base", "overlays/shared-storage"):
        objects = render(folder)
        for found in of(objects, "Deployment"):
            if component(found) != "inference":
                continue
            pod = found["spec"]["template"]["spec"]
            (volume,) = (v for v in pod["volumes"] if v["name"] == "models")
            (mount,) = (m for m in pod["containers"][0]["volumeMounts"] if m["name"] == "models")
            assert mount == {"name": "models", "mountPath": "/models", "readOnly": True}
            if folder == "base":
                (copy,) = pod["initContainers"]
                source = Path(copy["args"][1])
                assert (KUBERNETES.parent.parent / "models" / source.name).is_dir()
                assert source.name.replace("_", "-") == found["metadata"]["name"]
            else:
                assert "initContainers" not in pod
                assert volume["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}
