"""Tables for people, JSON for programs, one line for what went wrong.

A server's words are data: no markup, and nothing that moves the cursor or hides text.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ParamSpec, Protocol, TypeVar

import typer
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.table import Column, Table
from rich.text import Text

from cli.tools import Refusal

P = ParamSpec("P")
T = TypeVar("T")
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
console = Console()
_errors = Console(stderr=True)
_BAR = 24
_LONGEST_LINE = 500
# control characters but for tab and newline, what turns the direction of text, halves of characters
_HARMFUL = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff"
_STRIPPED = re.compile(f"[{_HARMFUL}]")


class Failure(Refusal):
    """What went wrong, in words for whoever runs this; the command ends with 1."""


class Shown(Protocol):
    """Prints a document as a table, or as it is."""

    def __call__(self, document: dict[str, Any], *, as_json: bool) -> None: ...


def failure(error: Failure) -> None:
    """The one line."""
    words = " ".join(clean(error).split())
    if len(words) > _LONGEST_LINE:
        words = words[:_LONGEST_LINE] + "…"
    _errors.print(f"[bold red]✗[/] {escape(words)}", highlight=False, soft_wrap=True)


def note(message: str) -> None:
    """A line for people, on standard error: standard output is for what was asked for."""
    _errors.print(escape(clean(message)), highlight=False, soft_wrap=True)


def line(words: str) -> None:
    """A line for programs, on standard output."""
    console.file.write(clean(words) + "\n")


def write_json(document: dict[str, Any]) -> None:
    """Plain, so that a program can read it: no colours, no wrapping."""
    words = json.dumps(document, indent=2, ensure_ascii=False)
    console.file.write(_STRIPPED.sub(lambda match: f"\\u{ord(match[0]):04x}", words) + "\n")


def clean(words: object) -> str:
    """Without what a terminal would obey."""
    return _STRIPPED.sub("", str(words))


def text(value: object) -> str:
    """A server's word in a line of markup."""
    return escape(clean(value))


def _table(show: Callable[[dict[str, Any]], None]) -> Shown:
    """Adds ``as_json``, and a plain word for a document that lacks what is shown of it."""

    @functools.wraps(show)
    def shown(document: dict[str, Any], *, as_json: bool) -> None:
        if as_json:
            write_json(document)
            return
        checked(show, document)

    return shown


def checked(show: Callable[P, T], *words: P.args, **more: P.kwargs) -> T:
    """What ``show`` gives; a plain word for a document that lacks what it looks for."""
    try:
        return show(*words, **more)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        raise Failure("The answer is not in the form that this version reads; --json shows it.") from None


def render(show: Callable[P, Iterable[RenderableType]], *words: P.args, **more: P.kwargs) -> None:
    """Prints what ``show`` makes of a document; a line of text is left whole."""
    for part in checked(show, *words, **more):
        console.print(part, highlight=False, soft_wrap=isinstance(part, Text))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Rows under a head."""
    shown = Table(*head)
    for row in rows:
        shown.add_row(*(text(cell) for cell in row))
    console.print(shown)


@_table
def prediction(answer: dict[str, Any]) -> None:
    """One prediction: what, how sure, what to do."""
    table = Table(title=text(f"{answer['model']} {answer['model_version']}"), title_justify="left")
    table.add_column("class")
    table.add_column("probability", justify="right")
    table.add_column("")
    kept = answer["prediction_set"] or []
    for label, value in sorted(answer["probabilities"].items(), key=lambda item: -item[1]):
        style = "bold" if label == answer["result"] else "" if label in kept else "dim"
        table.add_row(text(label), f"{value:.1%}", "█" * round(min(value, 1) * _BAR), style=style)
    console.print(table)
    console.print(f"[bold]{text(answer['result'] or 'abstained: ' + str(answer['abstain_reason']))}[/]")
    if answer["coverage"]:
        console.print(f"Holds the truth {answer['coverage']:.0%} of the time: {text(', '.join(kept))}")
    for words in (answer["description"], answer["recommendation"]):
        console.print(text(words))
    console.print(f"[dim]{text(answer['disclaimer'])}[/]")
    console.print(f"[dim]{answer['timing_ms']['total']:.0f} ms, {text(answer['instance'])}[/]")


@_table
def chat(answer: dict[str, Any]) -> None:
    """One answer of the chatbot, what it rests on, and how to go on."""
    style = "bold red" if answer["red_flag"] else ""
    console.print(clean(answer["response"]), style=style, markup=False, highlight=False)
    references = dict.fromkeys(source["reference"] for source in answer["sources"])
    if references:
        console.print(f"\n[dim]{text('; '.join(references))}[/]", highlight=False)
    words = f"{answer['disclaimer']}\n--session {answer['session_id']}"
    console.print(f"[dim]{text(words)}[/]", highlight=False)


@_table
def models(document: dict[str, Any]) -> None:
    """The models, a row each."""
    table = Table("model", "version", "runtime", "classes", "accuracy on held-out data (95 % interval)")
    for model in document["models"]:
        if model["ready"]:
            words = (model["model"], model["version"], model["runtime"], ", ".join(model.get("labels", ())) or "-")
            table.add_row(*map(text, words), _accuracy(model))
        else:
            table.add_row(text(model["model"]), "-", "-", "-", f"[red]{text(model['reason'])}[/]")
    console.print(table)


def _accuracy(model: dict[str, Any]) -> str:
    value = model["metrics"].get("test", {}).get("accuracy")
    if not isinstance(value, dict):
        return "see the card"
    return f"{value['value']:.3f} ({value['low']:.3f}…{value['high']:.3f})"


@_table
def caller(me: dict[str, Any]) -> None:
    """Who the gateway takes the caller for."""
    console.print(text(f"{me['username']}   role {me['role']}   by {me['method']}"), highlight=False)
    if me["models"] is not None:
        console.print(text(f"models: {', '.join(me['models']) or 'none'}"), highlight=False)


@_table
def users(document: dict[str, Any]) -> None:
    """The accounts, a row each."""
    table = Table("user", "role", "state", "created (UTC)", "last sign-in")
    for user in document["users"]:
        state = "[red]disabled[/]" if user["disabled"] else "active"
        times = (_time(user["created"]), _time(user["last_sign_in"]))
        table.add_row(text(user["username"]), text(user["role"]), state, *times)
    console.print(table)


@_table
def keys(document: dict[str, Any]) -> None:
    """The keys, a row each."""
    names = ("key", "id", "role", "models", "owner", "created (UTC)", "expires", "last used")
    table = Table(*(Column(name, overflow="fold") for name in names))  # an id must be whole
    for key in document["keys"]:
        models = "all" if key["models"] is None else ", ".join(key["models"]) or "none"
        words = (key["name"], key["id"], key["role"], models, key["owner"])
        table.add_row(*map(text, words), *(_time(key[name]) for name in ("created", "expires", "last_used")))
    console.print(table)


def _time(value: str | None) -> str:
    return f"{datetime.fromisoformat(value).astimezone(UTC):%Y-%m-%d %H:%M}" if value else "-"
