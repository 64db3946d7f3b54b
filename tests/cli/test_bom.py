"""The BOM is valid CycloneDX, names every file as the manifest does, and says what the cards say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from typer.testing import CliRunner

from cli.main import app
from cli.plan import ROOT, known_services
from shared.disclaimer import DISCLAIMER
from tests.support.toy import write_toy_bundle

runner = CliRunner()


def run(*words: str, code: int = 0) -> str:
    result = runner.invoke(app, ["models", "bom", *words])
    assert result.exit_code == code, result.output
    return result.output


def parts(document: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {found["name"]: found for found in document["components"] if found["type"] == kind}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--models", str(ROOT / "models")))
    return found


@pytest.fixture(scope="module")
def models(shipped: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return parts(shipped, "machine-learning-model")


def manifest(service: str) -> dict[str, Any]:
    (path,) = (ROOT / "models" / service).glob("*/manifest.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_it_holds_against_the_schema(shipped: dict[str, Any]) -> None:
    assert shipped["specVersion"] == "1.7"
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(shipped)) is None


def test_the_schema_would_tell(shipped: dict[str, Any]) -> None:
    broken = json.loads(json.dumps(shipped))
    next(part for part in broken["components"] if "modelCard" in part)["modelCard"]["made_up"] = 1
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(json.dumps(broken)) is not None


@pytest.mark.parametrize("service", known_services())
def test_every_file_has_its_hash(models: dict[str, dict[str, Any]], service: str) -> None:
    said = manifest(service)
    model = models[said["model"]]
    hashes = {part["name"]: part["hashes"][0]["content"] for part in model["components"]}
    assert hashes == {name: entry["sha256"] for name, entry in said["files"].items()}
    assert (model["version"], model["type"]) == (said["version"], "machine-learning-model")
    assert (ROOT / model["externalReferences"][0]["url"]).is_file()


@pytest.mark.parametrize("service", known_services())
def test_licences_data_and_ancestors_are_named(shipped: dict[str, Any], service: str) -> None:
    said = manifest(service)
    model = parts(shipped, "machine-learning-model")[said["model"]]
    data = parts(shipped, "data")[f"{said['model']} training data"]
    assert model["licenses"][0]["license"]["id"] == "MIT"
    words = data["licenses"][0]["license"]
    assert words.get("id", words.get("name")) == said["provenance"]["data"]["licence"]
    assert data["description"] == said["provenance"]["data"]["source"]
    assert model["modelCard"]["modelParameters"]["datasets"] == [{"ref": data["bom-ref"]}]
    (base,) = model["pedigree"]["ancestors"]
    assert len(base["hashes"][0]["content"]) == 64
    assert base["licenses"][0]["license"]["id"] == ("MIT" if service == "chatbot" else "Apache-2.0")


def test_the_gates_network_keeps_its_licence(models: dict[str, dict[str, Any]]) -> None:
    files = {part["name"]: part for part in models["palm_disease"]["components"]}
    assert files["gate.tflite"]["licenses"][0]["license"]["id"] == "Apache-2.0"
    assert "licenses" not in files["model.ubj"]


def test_the_card_says_how_good_and_what_not_for(models: dict[str, dict[str, Any]]) -> None:
    card, said = models["tumor"]["modelCard"], manifest("tumor")
    accuracy = said["metrics"]["test"]["accuracy"]
    wanted = {"lowerBound": f"{accuracy['low']:g}", "upperBound": f"{accuracy['high']:g}"}
    metrics = card["quantitativeAnalysis"]["performanceMetrics"]
    assert {
        "type": "accuracy",
        "slice": "test",
        "value": f"{accuracy['value']:g}",
        "confidenceInterval": wanted,
    } in metrics
    assert any(metric["slice"].startswith("test, brightness:") for metric in metrics)
    ethics = [risk["name"] for risk in card["considerations"]["ethicalConsiderations"]]
    assert DISCLAIMER in ethics
    assert any("Ruling a tumour out" in name for name in ethics)
    assert card["considerations"]["technicalLimitations"]
    assert card["modelParameters"]["inputs"] == [{"format": "image: image, 224x224 RGB"}]


def test_one_service_into_a_file_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    for version in ("1.0.0", "1.1.0"):
        write_toy_bundle(tmp_path, service="palm", model="palm_disease", version=version)
    found = []
    for name in ("a.json", "b.json"):
        assert run("palm_disease", "--models", str(tmp_path), "--output", str(tmp_path / name)) == ""
        found.append((tmp_path / name).read_text(encoding="utf-8"))
    assert found[0] == found[1]
    assert JsonStrictValidator(SchemaVersion.V1_7).validate_str(found[0]) is None
    versions = [part["version"] for part in json.loads(found[0])["components"] if "modelCard" in part]
    assert sorted(versions) == ["1.0.0", "1.1.0"]


def test_two_runs_have_two_serial_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_toy_bundle(tmp_path, service="tumor", model="tumor")
    serials = set()
    for time in ("1790000000", "1790000001"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", time)
        serials.add(json.loads(run("tumor", "--models", str(tmp_path)))["serialNumber"])
    assert len(serials) == 2


def test_what_cannot_be_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_toy_bundle(tmp_path, service="tumor", model="tumor")
    home = ("--models", str(tmp_path))
    assert "no service 'nobody'" in run("nobody", *home, code=1)
    assert "no bundle for xray" in run("xray", *home, code=1)
    assert "No such file" in run("tumor", *home, "--output", str(tmp_path / "none" / "a.json"), code=1)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    assert "SOURCE_DATE_EPOCH" in run("tumor", *home, code=1)
    (root / "model.tflite").write_bytes(b"cut short")
    assert "checksum" in " ".join(run("tumor", *home, code=1).split())
