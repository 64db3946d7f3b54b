"""Triton's own client against the running gateway: what it asks, it gets, and it is what `/api/predict` says."""

from __future__ import annotations

import base64
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.support.pictures import encode, jpeg, photo
from tests.support.system import System

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of its own imports
    triton: Any = pytest.importorskip("tritonclient.http", reason="tritonclient is not installed")

pytestmark = pytest.mark.integration
FOLDERS = {
    "tumor": "tumor",
    "xray": "xray",
    "monkeypox": "monkeypox",
    "lung_colon": "lung_colon",
    "palm_disease": "hand_hb",
}
MEANS = [0.62, 0.45, 0.38, 0.41, 0.63]


class Client:
    """Triton's client; it takes the credential with each call."""

    def __init__(self, system: System, key: str | None = None) -> None:
        self._client = triton.InferenceServerClient(system.url.removeprefix("http://"), network_timeout=60)
        self._key = key or system.key

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            return getattr(self._client, name)(*arguments, headers={"Authorization": f"Bearer {self._key}"}, **named)

        return call

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def client(system: System) -> Iterator[Client]:
    found = Client(system)
    yield found
    found.close()


@pytest.fixture
def web(system: System) -> Iterator[httpx.Client]:
    """A client of `/api`, for comparison."""
    headers = {"Authorization": f"Bearer {system.key}"}
    with httpx.Client(base_url=system.url, headers=headers, timeout=60) as found:
        yield found


def pictures(*data: bytes, binary: bool = True) -> Any:
    """The tensor ``image``; in JSON its bytes are base64."""
    tensor = triton.InferInput("image", [len(data)], "BYTES")
    elements = data if binary else [base64.b64encode(one) for one in data]
    tensor.set_data_from_numpy(np.array(elements, dtype=np.object_), binary_data=binary)
    return tensor


def rows(*values: list[float], binary: bool = True) -> Any:
    tensor = triton.InferInput("means", [len(values), len(values[0])], "FP32")
    tensor.set_data_from_numpy(np.array(values, dtype=np.float32), binary_data=binary)
    return tensor


def wanted(*names: str, binary: bool = True) -> list[Any]:
    return [triton.InferRequestedOutput(name, binary_data=binary) for name in names]


def predicted(web: httpx.Client, model: str, **request: Any) -> dict[str, float]:
    answer = web.post(f"/api/predict/{model}", **request)
    assert answer.status_code == 200, answer.text
    probabilities: dict[str, float] = answer.json()["probabilities"]
    return probabilities


def test_the_server(client: Client) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    metadata = client.get_server_metadata()
    assert metadata["name"] == "doctorai"
    assert "binary_tensor_data" in metadata["extensions"]


def test_readiness_is_what_the_health_says(client: Client, web: httpx.Client) -> None:
    health = web.get("/api/health").json()
    assert client.is_server_ready() is any(health["models"].values())
    for model, ready in health["models"].items():
        assert client.is_model_ready(model) is ready, model
    listed = {row["name"]: row["state"] == "READY" for row in client.get_model_repository_index()}
    assert listed == health["models"]


@pytest.mark.parametrize("model", [*FOLDERS, "chatbot", "palm"])
def test_a_model(client: Client, model: str) -> None:
    metadata = client.get_model_metadata(model)
    (version,) = metadata["versions"]
    assert client.get_model_metadata(model, version) == metadata
    assert client.is_model_ready(model, version)
    assert not client.is_model_ready(model, "9.9.9")
    assert {tensor["name"] for tensor in metadata["inputs"]} & {"image", "text"}


def test_what_there_is_not(client: Client) -> None:
    for ask in (
        lambda: client.get_model_metadata("heart"),
        lambda: client.get_model_metadata("tumor", "9.9.9"),
        lambda: client.infer("heart", [pictures(jpeg())]),
        lambda: client.infer("tumor", [pictures(jpeg())], model_version="9.9.9"),
        lambda: client.get_model_config("tumor"),  # Triton's own: our models have no such file
        lambda: client.load_model("tumor"),
    ):
        with pytest.raises(triton.InferenceServerException) as refused:
            ask()
        assert (refused.value.status(), bool(refused.value.message())) == ("404", True)
    assert not client.is_model_ready("heart")


def test_nobody_is_answered_without_a_credential(system: System) -> None:
    stranger = Client(system, key="none")
    assert not stranger.is_server_live()
    assert not stranger.is_model_ready("tumor")
    with pytest.raises(triton.InferenceServerException, match=r"\[401\]"):
        stranger.get_server_metadata()
    with pytest.raises(triton.InferenceServerException, match=r"\[401\]"):
        stranger.infer("tumor", [pictures(jpeg())])
    stranger.close()


def test_a_key_is_for_its_models(system: System) -> None:
    scoped = Client(system, key=system.make_key(models=["xray"]))
    assert scoped.infer("xray", [pictures(jpeg())]).as_numpy("label") is not None
    with pytest.raises(triton.InferenceServerException, match=r"\[403\]"):
        scoped.infer("tumor", [pictures(jpeg())])
    scoped.close()


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
@pytest.mark.parametrize("model", FOLDERS)
def test_a_picture(client: Client, web: httpx.Client, model: str, binary: bool) -> None:
    data = encode(photo((320, 240), seed=3), "JPEG")
    outputs = wanted("label", "probabilities", "decision", binary=binary)
    answer = client.infer(model, [pictures(data, binary=binary)], outputs=outputs, request_id="42")
    expected = predicted(web, model, files={"file": ("a.jpg", data)})
    assert answer.get_response()["id"] == "42"
    assert answer.get_response()["model_name"] == model
    assert answer.as_numpy("probabilities")[0] == pytest.approx(list(expected.values()), abs=1e-3)
    # noise is no picture of any kind that there is a model for: the numbers are given, a name is not
    assert _text(answer.as_numpy("label")[0]) == ""
    assert _text(answer.as_numpy("decision")[0]) in ("out_of_distribution", "image_quality")
    assert ("binary_data_size" in json.dumps(answer.get_response())) is binary


@pytest.mark.parametrize("model", FOLDERS)
def test_real_pictures(client: Client, web: httpx.Client, data: Path, model: str) -> None:
    """A batch of a picture of each class, as the JPEG that it is."""
    found = sorted((data / FOLDERS[model] / "test").glob("*/*.jpg"))
    chosen = [path.read_bytes() for path in {path.parent: path for path in found}.values()]
    assert chosen
    answer = client.infer(model, [pictures(*chosen)])
    for at, one in enumerate(chosen):
        expected = predicted(web, model, files={"file": ("a.jpg", one)})
        assert answer.as_numpy("probabilities")[at] == pytest.approx(list(expected.values()), abs=1e-3)


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
def test_rows_of_numbers(client: Client, web: httpx.Client, binary: bool) -> None:
    other = [0.8, 0.7, 0.7, 0.2, 0.8]
    answer = client.infer("palm", [rows(MEANS, other, binary=binary)], outputs=wanted("probabilities", binary=binary))
    for at, values in enumerate((MEANS, other)):
        expected = predicted(web, "palm_disease", json=values)
        assert answer.as_numpy("probabilities")[at] == pytest.approx(list(expected.values()), abs=1e-3)


def test_a_batch_of_two_and_a_version(client: Client, web: httpx.Client) -> None:
    both = [jpeg((200, 30, 30)), encode(photo((200, 150), seed=5))]
    (version,) = client.get_model_metadata("tumor")["versions"]
    answer = client.infer("tumor", [pictures(*both)], model_version=version)
    assert answer.get_response()["model_version"] == version
    assert answer.as_numpy("probabilities").shape[0] == answer.as_numpy("label").shape[0] == 2
    for at, one in enumerate(both):
        expected = predicted(web, "tumor", files={"file": ("a", one)})
        assert answer.as_numpy("probabilities")[at] == pytest.approx(list(expected.values()), abs=1e-3)


def test_only_the_outputs_that_are_asked_for(client: Client) -> None:
    answer = client.infer("xray", [pictures(jpeg())], outputs=wanted("label"))
    assert [output["name"] for output in answer.get_response()["outputs"]] == ["label"]
    assert answer.as_numpy("probabilities") is None
    with pytest.raises(triton.InferenceServerException, match="no output 'logits'"):
        client.infer("xray", [pictures(jpeg())], outputs=wanted("logits"))


def test_what_is_refused(client: Client) -> None:
    gif = encode(photo((20, 20)), "GIF")
    for status, ask in (
        ("413", lambda: client.infer("xray", [pictures(*[jpeg()] * 17)])),
        ("413", lambda: client.infer("xray", [pictures(jpeg().ljust(11_000_000, b"\0"))])),
        ("413", lambda: client.infer("xray", [pictures(*[jpeg().ljust(4_000_000, b"\0")] * 4)])),
        ("400", lambda: client.infer("xray", [pictures(jpeg()[:200])])),
        ("415", lambda: client.infer("xray", [pictures(gif)])),
        ("422", lambda: client.infer("palm_disease", [rows([*MEANS[:4], 7.0])])),
        ("422", lambda: client.infer("xray", [rows(MEANS)])),
        ("422", lambda: client.infer("xray", [pictures(jpeg()), pictures(jpeg())])),
    ):
        with pytest.raises(triton.InferenceServerException) as refused:
            ask()
        assert refused.value.status() == status, refused.value.message()


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_request_is_refused_in_clear_words(client: Client, packing: str) -> None:
    with pytest.raises(triton.InferenceServerException, match=rf"packed \({packing}\)") as refused:
        client.infer("xray", [pictures(jpeg())], request_compression_algorithm=packing)
    assert refused.value.status() == "415"


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_a_packed_answer(client: Client, packing: str) -> None:
    """Asked for, given where it pays: the client unpacks what says that it is packed."""
    plain = client.infer("xray", [pictures(jpeg())]).as_numpy("probabilities")
    packed = client.infer("xray", [pictures(jpeg())], response_compression_algorithm=packing)
    assert packed.as_numpy("probabilities").tolist() == plain.tolist()


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "JSON"])
def test_the_chatbot(client: Client, web: httpx.Client, binary: bool) -> None:
    texts = ["What are the symptoms of migraine?", "ما هي أعراض الصداع النصفي؟"]
    tensor = triton.InferInput("text", [len(texts)], "BYTES")
    tensor.set_data_from_numpy(np.array([text.encode() for text in texts], dtype=np.object_), binary_data=binary)
    answer = client.infer("chatbot", [tensor], outputs=wanted("response", "language", "confidence", binary=binary))
    assert [_text(language) for language in answer.as_numpy("language")] == ["en", "ar"]
    for at, text in enumerate(texts):
        said = _said(web, text)
        assert _text(answer.as_numpy("response")[at]) == said["response"]
        assert answer.as_numpy("confidence")[at] == pytest.approx(said["confidence"], abs=1e-3)


def _said(web: httpx.Client, text: str) -> dict[str, Any]:
    answer = web.post("/api/chatbot", json={"message": text})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def _text(element: Any) -> str:
    return element.decode() if isinstance(element, bytes) else str(element)
