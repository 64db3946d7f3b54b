"""The five networks of the original system: read from the files that its users hold, equal to TensorFlow's, served."""

from __future__ import annotations

import pickle  # noqa: TID251 - what users hold
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xgboost

from services.palm.definition import SERVICE as PALM
from services.palm.features import MEAN_NAMES
from shared.imaging.intake import decode_image
from shared.service.app import create_app
from shared.service.settings import ServiceSettings
from tests.support.apps import running, until_ready
from tests.training.importing.conftest import Import
from training.dataset import service_definition
from training.golden import golden_png
from training.importing.importer import Imported

PICTURE = golden_png(99)


@pytest.mark.parametrize(("service", "file"), [("tumor", "Tumor.h5"), ("xray", "X-ray.h5")])
async def test_networks_of_their_own(originals: Path, importing: Import, models: Path, service: str, file: str) -> None:
    await _check(importing(service, originals / file), models, service, heat_map=False)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("service", "file"), [("lung_colon", "Model.h5"), ("monkeypox", "DEPI_FINAL_MONKEYPOX_MODEL.h5")]
)
async def test_densenet(
    make_models: Callable[..., Path], importing: Import, models: Path, service: str, file: str
) -> None:
    await _check(importing(service, make_models(file) / file), models, service, heat_map=True)


async def test_trees(importing: Import, models: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    numbers = rng.random((400, 5), dtype=np.float32)
    model = xgboost.XGBClassifier(n_estimators=100, max_depth=6, n_jobs=1)
    model.fit(numbers, (numbers[:, 0] + 0.3 * rng.random(400) > 0.7).astype(int))
    file = tmp_path / "XGB-Tuned-balancedPalm.pkl"
    file.write_bytes(pickle.dumps(model))
    done = importing("palm", file, trusted=True)
    assert done.bundle.manifest.signatures["means"].input.names == MEAN_NAMES  # type: ignore[union-attr]
    answer = await _check(done, models, "palm", heat_map=False)
    means = PALM.features[MEAN_NAMES](decode_image(PICTURE))
    assert answer["probabilities"]["anemia"] == pytest.approx(float(model.predict_proba(means[None])[0, 1]), abs=1e-4)


async def _check(done: Imported, models: Path, service: str, *, heat_map: bool) -> dict[str, dict[str, float]]:
    """Its answers are the original's, differ between pictures, and come from the service, too."""
    assert done.largest_difference <= 1e-5, "as docs/importing.md says"
    assert np.std([row.original for row in done.rows]) > 0.01, "answers that are all alike prove nothing"
    settings = ServiceSettings(
        model_path=models,
        redis_url="redis://127.0.0.1:1",
        advertise_address="http://here",
        instance_id="one",
        workers=1,
    )
    async with running(create_app(service_definition(service), settings)) as client:
        await until_ready(client)
        files = {"file": ("picture.png", PICTURE, "image/png")}
        answer = (await client.post("/predict?explain=true", files=files)).json()
    assert answer["model_version"] == "1.0.0"
    assert ((answer["explanation"] or {}).get("method") == "cam") is heat_map
    assert answer["abstain_reason"] in ("out_of_distribution", "image_quality"), "the gates of what ships look at it"
    return dict(answer)
