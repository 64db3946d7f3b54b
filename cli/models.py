"""``doctorai models``: what is served, and how good it is."""

from __future__ import annotations

import typer

from cli import ask, bom, import_model, show, versions
from cli.ask import DEFAULT_URL, Url
from cli.show import AsJson
from cli.storage import commands

app = typer.Typer(invoke_without_command=True, help=__doc__)


@app.callback()
def models(context: typer.Context, url: Url = DEFAULT_URL, as_json: AsJson = False) -> None:
    """The models that there are, and how good they were on held-out data."""
    if context.invoked_subcommand is None:
        show.models(ask.get(url, "/api/models"), as_json=as_json)


app.command("import")(import_model.import_model)
app.command()(import_model.prepare)
app.command()(commands.pull)
app.command()(commands.push)
app.command()(bom.bom)
app.command("versions")(versions.list_versions)
for _command in (versions.activate, versions.rollback, versions.canary, versions.shadow):
    app.command()(_command)
