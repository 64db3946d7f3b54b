"""Tables for people, JSON for programs."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console
from rich.table import Table

_console = Console()
_STATUS = {"healthy": "green", "degraded": "yellow", "unhealthy": "red"}
_BAR = 24


def prediction(answer: dict[str, Any], *, as_json: bool) -> None:
    """One prediction: what, how sure, what to do."""
    if as_json:
        _print_json(answer)
        return
    table = Table(title=f"{answer['model']} {answer['model_version']}", title_justify="left")
    table.add_column("class")
    table.add_column("probability", justify="right")
    table.add_column("")
    kept = answer["prediction_set"] or []
    for label, value in sorted(answer["probabilities"].items(), key=lambda item: -item[1]):
        style = "bold" if label == answer["result"] else "" if label in kept else "dim"
        table.add_row(label, f"{value:.1%}", "█" * round(value * _BAR), style=style)
    _console.print(table)
    _console.print(f"[bold]{answer['result'] or 'abstained: ' + str(answer['abstain_reason'])}[/]")
    if answer["coverage"]:
        _console.print(f"Holds the truth {answer['coverage']:.0%} of the time: {', '.join(kept)}")
    for text in (answer["description"], answer["recommendation"]):
        _console.print(text)
    _console.print(f"[dim]{answer['disclaimer']}\n{answer['timing_ms']['total']:.0f} ms, {answer['instance']}[/]")


def chat(answer: dict[str, Any], *, as_json: bool) -> None:
    """One answer of the chatbot, what it rests on, and how to go on."""
    if as_json:
        _print_json(answer)
        return
    style = "bold red" if answer["red_flag"] else ""
    _console.print(answer["response"], style=style, markup=False, highlight=False)
    references = dict.fromkeys(source["reference"] for source in answer["sources"])
    if references:
        _console.print(f"\n[dim]{'; '.join(references)}[/]", highlight=False)
    _console.print(f"[dim]{answer['disclaimer']}\n--session {answer['session_id']}[/]", highlight=False)


def health(document: dict[str, Any], *, as_json: bool) -> None:
    """The system, a row a service."""
    if as_json:
        _print_json(document)
        return
    status, redis = document["status"], document["dependencies"]["redis"]
    _console.print(f"[bold {_STATUS[status]}]{status}[/]  {document['summary']}  redis {redis['status']}")
    table = Table("service", "ready", "instances", "version", "memory", "reason")
    for name, service in document["services"].items():
        instances = service["instances"]
        ready = sum(instance["ready"] for instance in instances)
        versions = ", ".join(sorted({instance["version"] or "-" for instance in instances})) or "-"
        memory = sum(instance["rss_bytes"] for instance in instances) / 1e6
        mark = "[green]yes[/]" if service["ready"] else "[red]no[/]"
        table.add_row(name, mark, f"{ready}/{len(instances)}", versions, f"{memory:.0f} MB", service["reason"] or "")
    _console.print(table)


def models(document: dict[str, Any], *, as_json: bool) -> None:
    """The models, a row each."""
    if as_json:
        _print_json(document)
        return
    table = Table("model", "version", "runtime", "classes", "accuracy on held-out data (95 % interval)")
    for model in document["models"]:
        if model["ready"]:
            table.add_row(
                model["model"],
                model["version"],
                model["runtime"],
                ", ".join(model.get("labels", ())) or "-",
                _accuracy(model),
            )
        else:
            table.add_row(model["model"], "-", "-", "-", f"[red]{model['reason']}[/]")
    _console.print(table)


def _accuracy(model: dict[str, Any]) -> str:
    value = model["metrics"].get("test", {}).get("accuracy")
    if not isinstance(value, dict):
        return "see the card"
    return f"{value['value']:.3f} ({value['low']:.3f}…{value['high']:.3f})"


def _print_json(document: dict[str, Any]) -> None:
    # plain, so that a program can read it: no colours, no wrapping
    _console.file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
