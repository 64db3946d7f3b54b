"""Who comes into Redis on Kubernetes, and as whom: the same users as in containers, each with a password of its own."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from cli.plan import ROOT
from cli.redis_acl import SERVERS
from cli.redis_users import main
from tests.deploy.test_kubernetes import every
from tests.support.kubernetes.manifests import KUBERNETES, Pod, made_secrets, mounted_secrets, pod_of, pods, render
from tests.support.kubernetes.settings import environment, files

SERVICE = {"/secrets/service_token", "/secrets/redis_service_password"}
GATEWAY = {
    "/secrets/service_token",
    *(
        f"/secrets-gateway/{name}"
        for name in ("secret_key", "admin_password", "redis_gateway_password", "metrics_token")
    ),
}


@every
def test_each_pod_has_the_secrets_that_it_needs(folder: str) -> None:
    for pod in pods(render(folder)):
        seen = {path for container in pod.containers for path in _files(pod, container)}
        given = {"/given/redis_service_password", "/given/redis_gateway_password"}
        wanted = {"inference": SERVICE, "gateway": GATEWAY, "redis": given}
        assert seen == wanted.get(pod.component, set()), pod.owner


def test_redis_itself_sees_no_password_of_others() -> None:
    pod = pod_of(render("base"), "StatefulSet/redis")
    assert _files(pod, pod.main) == {}
    (mount,) = (mount for mount in pod.main["volumeMounts"] if mount["mountPath"] == "/secrets")
    assert mount == {"name": "secrets", "mountPath": "/secrets", "readOnly": True}
    (volume,) = (volume for volume in pod.spec["volumes"] if volume["name"] == "secrets")
    assert volume["emptyDir"]["medium"] == "Memory"


def _files(pod: Pod, container: dict[str, object]) -> dict[str, bytes]:
    return files(pod, container) if container.get("volumeMounts") else {}


def test_redis_is_as_in_compose() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]["redis"]
    pod = pod_of(render("base"), "StatefulSet/redis")
    assert pod.main["args"] == re.sub(r"\$\{\w+:-(\$\{\w+:-)?([^}]*)\}+", r"\2", compose["command"]).split()
    assert "command" not in pod.main
    assert pod.main["image"] == re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", compose["image"])
    assert pod.claims == ("redis",)
    for name in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert pod.main[name]["exec"]["command"] == ["sh", "-c", compose["healthcheck"]["test"][1].replace("$$", "$")]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """What the init container of Redis leaves for it, of what it is given."""
    pod = pod_of(render("base"), "StatefulSet/redis")
    (users,) = pod.spec["initContainers"]
    assert users["command"] == ["python", "-m", "cli.redis_users"]
    for path, content in files(pod, users).items():
        place = tmp_path / path.lstrip("/")
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(content)
    (tmp_path / "secrets").mkdir()
    assert main([f"{tmp_path}{folder}" for folder in users["args"]]) == 0
    return tmp_path / "secrets"


def test_those_who_sign_in_are_in_the_list(own: Path) -> None:
    objects, listed = render("base"), (own / "users.acl").read_text(encoding="utf-8")
    for workload, name in (("StatefulSet/gateway", "gateway"), ("Deployment/palm", "service")):
        pod = pod_of(objects, workload)
        given = environment(objects, pod)
        assert given["REDIS_USERNAME"] == name
        digest = hashlib.sha256(files(pod)[given["REDIS_PASSWORD_FILE"]].strip()).hexdigest()
        assert f"\nuser {name} on #{digest} {SERVERS[name].rules}\n" in listed


def test_who_comes_from_the_pod_itself_is_in_the_list(own: Path) -> None:
    listed = (own / "users.acl").read_text(encoding="utf-8")
    for name in ("health", "admin"):
        digest = hashlib.sha256((own / f"redis_{name}_password").read_bytes()).hexdigest()
        assert f"\nuser {name} on #{digest} " in listed


_CLUSTER = """#!/bin/sh
# a cluster that has some secrets: told in THERE
case "$1 $2" in
  "get secret") case " $THERE " in *" $3 "*) exit 0 ;; *) exit 1 ;; esac ;;
  "create secret") shift 3; echo "made $1" ;;
esac
"""


def run_secrets(folder: Path, there: str) -> list[str]:
    """What ``secrets.sh`` makes in a cluster that has ``there``."""
    kubectl = folder / "kubectl"
    kubectl.write_text(_CLUSTER, encoding="utf-8")
    kubectl.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "THERE": there}
    command = ["bash", KUBERNETES / "secrets.sh"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [line.removeprefix("made ") for line in done.stdout.splitlines()]


def test_a_former_system_gets_what_it_lacks_and_keeps_the_rest(tmp_path: Path) -> None:
    former = "doctorai-shared doctorai-gateway doctorai-metrics"
    assert run_secrets(tmp_path, former) == ["doctorai-redis-service", "doctorai-redis-gateway"]
    assert run_secrets(tmp_path, " ".join(made_secrets())) == []


def test_every_secret_is_another() -> None:
    values = [value for data in made_secrets().values() for value in data.values()]
    assert len(set(values)) == len(values) == 6


@every
def test_the_former_password_of_all_is_mounted_nowhere(folder: str) -> None:
    """``doctorai-shared`` of a former system still has it."""
    for pod in pods(render(folder)):
        taken = [items for volume in pod.spec["volumes"] for name, items in mounted_secrets(volume) if "shared" in name]
        assert all(items == [{"key": "service_token", "path": "service_token"}] for items in taken), pod.owner
        assert bool(taken) == (pod.component in ("gateway", "inference")), pod.owner
