"""``python -m benchmarks.noop``: an inference service that does nothing, so that what is measured is the way to it.

It announces itself as the real ones do, reads each upload to its end and answers it with one fixed prediction.
``REDIS_URL`` and ``PORT`` come from the environment.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from datetime import UTC, datetime

import uvicorn
import uvloop
from starlette.types import Receive, Scope, Send

from shared.contract import Prediction, Timing
from shared.disclaimer import DISCLAIMER
from shared.redis import REDIS_ERRORS, connect_redis
from shared.registry import HEARTBEAT_S, Instance, Registry
from shared.settings import CommonSettings, load_settings

SERVICE = "xray"
_ID = "noop-1"
_DIGEST = "0" * 64
_JSON = [(b"content-type", b"application/json")]


def prediction() -> Prediction:
    """An answer of the usual size."""
    return Prediction(
        request_id="0" * 32,
        model=SERVICE,
        model_version="1.0.0",
        model_digest=_DIGEST,
        instance=_ID,
        result="normal",
        confidence=0.9312,
        probabilities={"normal": 0.9312, "pneumonia": 0.0688},
        prediction_set=["normal"],
        coverage=0.9,
        decision="predicted",
        abstain_reason=None,
        uncertainty=0.0688,
        calibrated=True,
        ood_score=0.41,
        description="No sign of pneumonia was found in this chest X-ray by a model that looks for nothing else.",
        recommendation="Let a radiologist read the picture; see a doctor when symptoms go on or become worse.",
        disclaimer=DISCLAIMER,
        explanation=None,
        timing_ms=Timing(queue=0.0, decode=0.0, inference=0.0, total=0.0),
        cached=False,
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


def instance(port: int) -> Instance:
    """This process, at this moment."""
    return Instance(
        id=_ID,
        service=SERVICE,
        model=SERVICE,
        address=f"http://127.0.0.1:{port}",
        version="1.0.0",
        digest=_DIGEST,
        ready=True,
        last_seen=datetime.now(UTC),
    )


class Noop:
    """The smallest ASGI application that the gateway takes for a service."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._prediction = prediction().model_dump_json().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        path = scope["path"]
        body = self._prediction if path == "/predict" else instance(self._port).model_dump_json().encode()
        headers = [*_JSON, (b"content-length", str(len(body)).encode())]
        status = 200 if path in ("/predict", "/health/ready") else 404
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def serve(port: int) -> None:
    """Serves and announces until it is told to stop."""
    config = uvicorn.Config(
        Noop(port), port=port, loop="uvloop", http="httptools", lifespan="off", log_config=None, access_log=False
    )
    beat = asyncio.create_task(_announce(port))
    await uvicorn.Server(config).serve()
    beat.cancel()


async def _announce(port: int) -> None:
    registry = Registry(connect_redis(load_settings(CommonSettings)))
    while True:
        with contextlib.suppress(*REDIS_ERRORS):
            await registry.announce(instance(port))
        await asyncio.sleep(HEARTBEAT_S)


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["PORT"])))
