"""``doctorai``: run the system on one machine, ask it, look at it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from cli import account, ask, audit, feedback, models, people, show
from cli.ask import DEFAULT_URL, Url
from cli.backup.commands import backup, restore
from cli.logs import logs
from cli.plan import parse_scale
from cli.show import AsJson, Failure
from cli.status import status
from cli.up import run_up


class _Commands(TyperGroup):
    """Every command's failure is one line, and exit code 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Failure as error:
            show.failure(error)
        raise typer.Exit(1)


app = typer.Typer(
    cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__
)


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
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Ask a model about a picture."""
    show.prediction(ask.predict(url, file, model), as_json=as_json)


@app.command("ask")
def ask_question(
    message: Annotated[str, typer.Argument(help="A question about health, in English or Arabic.")],
    session: Annotated[str | None, typer.Option(help="The session of an earlier answer, to go on with it.")] = None,
    url: Url = DEFAULT_URL,
    as_json: AsJson = False,
) -> None:
    """Ask the chatbot a question."""
    show.chat(ask.chat(url, message, session), as_json=as_json)


for _command in (
    status,
    logs,
    account.login,
    account.logout,
    account.token,
    account.whoami,
    account.passwd,
    backup,
    restore,
):
    app.command()(_command)
app.add_typer(people.users, name="users", help="Accounts, for administrators.")
app.add_typer(people.keys, name="keys", help="API keys for machines, for administrators.")
app.add_typer(models.app, name="models")
app.add_typer(feedback.app, name="feedback")
app.add_typer(audit.app, name="audit", help="Verify and export the gateway's audit log.")

if __name__ == "__main__":
    app()
