"""A stack says where in the code, never with which words: a message may be made of what a caller sent."""

from __future__ import annotations

import asyncio
import errno
import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import InvalidResponse, ResponseError

from shared.logs import get_logger
from shared.redis import redis_reason
from shared.stacks import reason_of, stack_of
from tests.support.logs import logging_to

WORD = "Canary5b1f"


class Form(BaseModel):
    age: int


def validation() -> None:
    Form.model_validate({"age": WORD})


def chained() -> None:
    words = WORD
    try:
        int(words)
    except ValueError as error:
        raise KeyError(words) from error


def in_handling() -> None:
    try:
        json.loads("{" + WORD)
    except ValueError:
        b"\xff".decode(errors=WORD)


def noted() -> None:
    error = RuntimeError(WORD)
    error.add_note(WORD)
    raise error


def grouped() -> None:
    raise ExceptionGroup(WORD, [ValueError(WORD), ExceptionGroup(WORD, [OSError(WORD), OSError(2, WORD, WORD)])])


def syntax() -> None:
    compile(f"{WORD} = = 1", WORD, "exec")


def encoding() -> None:
    f"{WORD}\ud83d".encode()


FAILURES: dict[Callable[[], None], list[str]] = {
    validation: ["pydantic_core._pydantic_core.ValidationError"],
    chained: ["ValueError\n", "direct cause", "KeyError"],
    in_handling: ["json.decoder.JSONDecodeError\n", "During handling", "LookupError"],
    noted: ["RuntimeError"],
    grouped: ["ExceptionGroup\n", "    ValueError\n", "        OSError\n", "FileNotFoundError: [Errno 2] No such file"],
    syntax: ["SyntaxError"],
    encoding: ["UnicodeEncodeError"],
}


def failure(fail: Callable[[], None]) -> Exception:
    try:
        fail()
    except Exception as error:  # noqa: BLE001 - whatever it raises is what is looked at
        return error
    raise AssertionError


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("fail", FAILURES, ids=lambda fail: fail.__name__)
def test_types_and_places_without_words(fail: Callable[[], None], as_json: bool) -> None:
    stream = io.StringIO()
    error = failure(fail)
    with logging_to(stream, as_json=as_json):
        get_logger("gateway.ours").error("unexpected_error", exc_info=error)
        logging.getLogger("library").error("theirs", exc_info=error)
    text = stream.getvalue()
    assert WORD not in text
    told = [json.loads(line)["exception"] for line in text.splitlines()] if as_json else text.split("theirs")
    assert len(told) == 2
    for stack in told:
        assert f", in {fail.__name__}" in stack
        assert 'test_stacks.py", line' in stack
        assert all(words in stack + "\n" for words in FAILURES[fail]), stack


def test_a_chain_ends() -> None:
    first, second = ValueError(WORD), KeyError(WORD)
    first.__cause__, second.__cause__ = second, first
    assert stack_of((ValueError, first, None)).count("KeyError") == 1
    error = ValueError("0")
    for number in range(5000):
        later = ValueError(str(number))
        later.__context__ = error
        error = later
    assert stack_of((ValueError, error, None)).count("ValueError") == 11


def test_what_is_suppressed_stays_so() -> None:
    error = ValueError(WORD)
    error.__context__, error.__suppress_context__ = KeyError(WORD), True
    assert stack_of((ValueError, error, None)) == "ValueError"


class Odd(OSError):
    """One whose number means something else."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, WORD), "OSError: [Errno 28] No space left on device"),
        (OSError(WORD), "OSError"),
        (OSError(WORD, WORD), "OSError"),
        (OSError(10**30, WORD), "OSError"),
        (Odd(1, WORD), f"{__name__}.Odd"),
    ],
)
def test_a_number_of_the_system_is_explained(error: OSError, said: str) -> None:
    assert stack_of((type(error), error, None)) == said


def test_reasons() -> None:
    assert reason_of(FileNotFoundError(2, "No such file or directory", "audit")).endswith("directory: 'audit'")
    assert (reason_of(ValueError(WORD)), reason_of(TimeoutError())) == ("ValueError", "TimeoutError")
    assert redis_reason(NoConnection("Error 111 connecting to redis:6379.")) == "Error 111 connecting to redis:6379."
    said = f"Command # 1 (LPUSH doctorai:chat {WORD}) of pipeline caused error: OOM command not allowed"
    assert redis_reason(ResponseError(said)) == "OOM command not allowed"
    assert redis_reason(InvalidResponse(f"Protocol Error: {WORD}")) == "InvalidResponse"
    assert redis_reason(TimeoutError()) == "TimeoutError"


class Failing:
    """Fails where nobody can catch it."""

    def __del__(self) -> None:
        raise ValueError(WORD)


def in_a_thread() -> None:
    thread = threading.Thread(target=chained)
    thread.start()
    thread.join()


def in_a_destructor() -> None:
    Failing()
    gc.collect()


def in_a_task() -> None:
    async def forgotten() -> None:
        task = asyncio.ensure_future(asyncio.to_thread(validation))
        await asyncio.wait([task])

    asyncio.run(forgotten())
    gc.collect()


def in_a_call() -> None:
    async def later() -> None:
        asyncio.get_running_loop().call_soon(int, WORD)
        await asyncio.sleep(0)

    asyncio.run(later())


def in_the_process() -> None:
    error = failure(chained)
    sys.excepthook(type(error), error, error.__traceback__)


@pytest.mark.parametrize(
    ("fail", "event"),
    [
        (in_a_thread, "uncaught_error"),
        (in_a_destructor, "uncaught_error"),
        (in_the_process, "uncaught_error"),
        (in_a_task, "Task exception was never retrieved"),
        (in_a_call, "Exception in callback int"),
    ],
)
def test_what_nobody_catches_is_logged_the_same_way(
    fail: Callable[[], Any], event: str, capfd: pytest.CaptureFixture[str]
) -> None:
    stream = io.StringIO()
    with logging_to(stream):
        fail()
    (line,) = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert line["event"].startswith(event)
    assert "Error" in line["exception"]
    assert WORD not in stream.getvalue() + capfd.readouterr().err
