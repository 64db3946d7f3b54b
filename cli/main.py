"""``doctorai``: run the system on one machine, ask it, look at it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import ask, show
from cli.plan import parse_scale
from cli.up import run_up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
Url = Annotated[str, typer.Option(envvar="DOCTORAI_URL", help="The gateway's address.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
_DEFAULT_URL = "http://127.0.0.1:8000"


@app.command()
def up(
    scale: Annotated[list[str], typer.Option(help="SERVICE=N, may be repeated, e.g. --scale xray=2.")] = [],  # noqa: B006 - typer reads the default, nobody changes it
    data: Annotated[Path, typer.Option(help="Where the embedded Redis keeps its data.")] = Path(".doctorai"),
) -> None:
    """Start Redis, the services and the gateway on this machine; stop them all with Ctrl-C."""
    try:
        wanted = parse_scale(scale)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--scale") from error
    sys.exit(run_up(wanted, data))


@app.command()
def predict(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A JPEG or PNG.")],
    model: Annotated[str, typer.Option(help="tumor, xray, monkeypox, lung_colon or palm_disease.")],
    url: Url = _DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Ask a model about a picture."""
    show.prediction(ask.predict(url, file, model), as_json=as_json)


@app.command("ask")
def ask_question(
    message: Annotated[str, typer.Argument(help="A question about health, in English or Arabic.")],
    session: Annotated[str | None, typer.Option(help="The session of an earlier answer, to go on with it.")] = None,
    url: Url = _DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Ask the chatbot a question."""
    show.chat(ask.chat(url, message, session), as_json=as_json)


@app.command()
def status(url: Url = _DEFAULT_URL, as_json: AsJson = False) -> None:
    """How the system is; ends with 1 when it is not healthy or degraded."""
    health = ask.get(url, "/api/health")
    show.health(health, as_json=as_json)
    sys.exit(1 if health["status"] == "unhealthy" else 0)


@app.command()
def models(url: Url = _DEFAULT_URL, as_json: AsJson = False) -> None:
    """The models that there are, and how good they were on held-out data."""
    show.models(ask.get(url, "/api/models"), as_json=as_json)


if __name__ == "__main__":
    app()
