"""``python -m cli.alerting ROUTES FOLDER``: Alertmanager's configuration, with the receivers of the environment.

``ROUTES`` (deploy/alertmanager/alertmanager.yml) tells nobody anything. Into ``FOLDER`` go the same with receivers, and
each secret in a file of its own: Alertmanager shows its configuration, not those.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cli.secrets import write_anew

TOLD = ("critical", "warning")
"""Receivers of a webhook and of e-mail; those of ``info`` are seen on the page only."""
_TOGETHER = ("ALERT_EMAIL_TO", "ALERT_EMAIL_FROM", "ALERT_SMTP_SERVER")


def main(arguments: list[str]) -> int:
    routes, folder = map(Path, arguments)
    config = yaml.safe_load(routes.read_text(encoding="utf-8"))
    for receiver in config["receivers"]:
        receiver |= receiving(receiver["name"], os.environ, folder)
    write_anew(folder / "alertmanager.yml", yaml.safe_dump(config, sort_keys=False))
    return 0


def receiving(name: str, environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """What that receiver has to send by; its secrets are written. Ends the program when half of it is there."""
    if name == "watchdog":
        return _webhook(environment.get("ALERT_WATCHDOG_URL"), folder / "watchdog_url")
    if name not in TOLD:
        return {}
    return _webhook(environment.get("ALERT_WEBHOOK_URL"), folder / "webhook_url") | _email(environment, folder)


def _webhook(url: str | None, path: Path) -> dict[str, Any]:
    if not url:
        return {}
    write_anew(path, url)
    return {"webhook_configs": [{"url_file": str(path), "send_resolved": path.name != "watchdog_url"}]}


def _email(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    given = {name: environment[name] for name in _TOGETHER if environment.get(name)}
    if not given:
        return {}
    if missing := [name for name in _TOGETHER if name not in given]:
        sys.exit(f"{', '.join(given)} without {', '.join(missing)}: e-mail wants all of them")
    to, sender, server = (given[name] for name in _TOGETHER)
    return {"email_configs": [{"to": to, "from": sender, "smarthost": server} | _sign_in(environment, folder)]}


def _sign_in(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    username, password = (environment.get(f"ALERT_SMTP_{part}") for part in ("USERNAME", "PASSWORD"))
    if not username or not password:
        return {}
    write_anew(folder / "smtp_password", password)
    return {"auth_username": username, "auth_password_file": str(folder / "smtp_password")}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
