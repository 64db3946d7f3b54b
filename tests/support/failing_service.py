"""``python -m tests.support.failing_service``: the toy service with a route that fails with the caller's words."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import NoReturn

from fastapi import Request
from pydantic import BaseModel

from shared.logs import configure_logging
from shared.service.app import create_app
from shared.service.run import serve
from shared.service.settings import ServiceSettings
from shared.settings import load_settings
from tests.support.toy import TOY


class Age(BaseModel):
    years: int


def fail_with(words: str) -> NoReturn:
    """In its message, in its cause's, in a note."""
    try:
        raise KeyError(words)
    except KeyError as cause:
        error = ValueError(f"cannot read {words}")
        error.add_note(words)
        raise error from cause


async def fail(request: Request, way: str) -> None:
    """``way``: what else goes wrong before the route itself does."""
    words = (await request.body()).decode()
    if way == "validation":
        Age.model_validate({"years": words})
    if way == "thread":
        thread = threading.Thread(target=fail_with, args=(words,))
        thread.start()
        thread.join()
    if way == "task":
        await asyncio.wait([asyncio.ensure_future(asyncio.to_thread(fail_with, words))])
        gc.collect()
    fail_with(words)


def main() -> None:
    settings = load_settings(ServiceSettings)
    configure_logging(settings.log_level)
    app = create_app(TOY, settings)
    app.add_api_route("/fail/{way}", fail, methods=["POST"])
    serve(app)


if __name__ == "__main__":
    main()
