"""A picture in, an answer of the public contract out; bad input, its code."""

from __future__ import annotations

import httpx
import pytest
from PIL import Image

from shared.bundle import Bundle
from shared.contract import OodScore, Prediction
from shared.definition import ServiceDefinition
from tests.support.pictures import encode, jpeg, photo, png


def golden(bundle: Bundle) -> bytes:
    name = bundle.manifest.signatures[bundle.manifest.default_signature].golden.input
    assert isinstance(name, str)
    return bundle.read(name)


async def test_the_golden_picture_gives_the_golden_answer(
    service: httpx.AsyncClient, bundle: Bundle, definition: ServiceDefinition
) -> None:
    response = await service.post("/predict", files={"file": ("golden.png", golden(bundle))})
    assert response.status_code == 200, response.text
    answer = Prediction.model_validate_json(response.content)
    signature = bundle.manifest.signatures[bundle.manifest.default_signature]
    assert list(answer.probabilities) == list(bundle.manifest.labels)
    assert list(answer.probabilities.values()) == pytest.approx(signature.golden.probabilities, abs=0.02)
    assert sum(answer.probabilities.values()) == pytest.approx(1, abs=0.001)
    assert answer.model == definition.model
    if signature.guard:  # no patient is in the golden picture, so a model that knows its own kind gives no answer
        assert (answer.decision, answer.result) == ("abstained", None)
        assert answer.abstain_reason in ("image_quality", "out_of_distribution")
    else:
        assert answer.result == max(answer.probabilities, key=answer.probabilities.__getitem__)
        assert answer.description == definition.classes[answer.result].description
    assert "education and research" in answer.disclaimer
    assert answer.uncertainty == pytest.approx(1 - answer.confidence, abs=0.0002)


async def test_the_gate_alone_says_what_the_prediction_says(service: httpx.AsyncClient, bundle: Bundle) -> None:
    files = {"file": ("golden.png", golden(bundle))}
    prediction = (await service.post("/predict", files=files)).json()
    answer = OodScore.model_validate_json((await service.post("/ood-score", files=files)).content)
    assert (answer.model, answer.model_version) == (prediction["model"], prediction["model_version"])
    assert answer.ood_score == pytest.approx(prediction["ood_score"], abs=1e-4)
    assert answer.plausible is (answer.ood_score is not None and answer.ood_score < 0.5)


async def test_jpeg_png_and_raw_body_are_taken(service: httpx.AsyncClient) -> None:
    picture = photo((300, 200))
    for data in (encode(picture), encode(picture, "JPEG")):
        form = await service.post("/predict", files={"file": ("a", data)})
        raw = await service.post("/predict", content=data, headers={"content-type": "application/octet-stream"})
        assert form.status_code == raw.status_code == 200, form.text
        assert form.json()["probabilities"] == raw.json()["probabilities"]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "INVALID_IMAGE"),
        (b"hello, I am a text file", 400, "INVALID_IMAGE"),
        (jpeg()[:-300], 400, "INVALID_IMAGE"),
        (jpeg() + b"PK\x03\x04" + b"\x00" * 30, 400, "INVALID_IMAGE"),
        (encode(Image.new("RGB", (9, 9)), "GIF"), 415, "UNSUPPORTED_FORMAT"),
        (encode(Image.new("RGB", (9, 9)), "WEBP"), 415, "UNSUPPORTED_FORMAT"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "UNSUPPORTED_FORMAT"),
        (png() + b"\x00" * (10 * 1024 * 1024), 413, "PAYLOAD_TOO_LARGE"),
    ],
    ids=["empty", "text", "truncated", "polyglot", "gif", "webp", "svg", "huge"],
)
async def test_bad_input_has_its_code(service: httpx.AsyncClient, data: bytes, status: int, code: str) -> None:
    response = await service.post("/predict", files={"file": ("picture.jpg", data)})
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == response.json()["request_id"]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (127, 127, 127)])
@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (33, 31)])
async def test_odd_pictures_are_answered(
    service: httpx.AsyncClient, colour: tuple[int, int, int], size: tuple[int, int]
) -> None:
    response = await service.post("/predict", files={"file": ("a.png", png(colour, size))})
    assert response.status_code == 200, response.text
