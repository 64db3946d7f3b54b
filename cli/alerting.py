"""``python -m cli.alerting ROUTES FOLDER``: Alertmanager's configuration, with the receivers of the environment.

``ROUTES`` (deploy/alertmanager/alertmanager.yml) tells nobody anything. Into ``FOLDER`` go the same with receivers, and
each secret in a file of its own: Alertmanager shows its configuration, not those. A secret comes from its variable, or
from the file that the same name with ``_FILE`` names; one that nobody has any more is removed.
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
_SECRETS = {
    "ALERT_WEBHOOK_URL": "webhook_url",
    "ALERT_WATCHDOG_URL": "watchdog_url",
    "ALERT_SMTP_PASSWORD": "smtp_password",
}
"""Variable → its file in ``FOLDER``."""
_TOGETHER = ("ALERT_EMAIL_TO", "ALERT_EMAIL_FROM", "ALERT_SMTP_SERVER")


def main(arguments: list[str]) -> int:
    routes, folder = map(Path, arguments)
    config = yaml.safe_load(routes.read_text(encoding="utf-8"))
    for receiver in config["receivers"]:
        receiver |= receiving(receiver["name"], os.environ, folder)
    text = yaml.safe_dump(config, sort_keys=False, width=1000)
    write_anew(folder / "alertmanager.yml", text)
    for path in map(folder.joinpath, _SECRETS.values()):
        if str(path) not in text:
            path.unlink(missing_ok=True)
    return 0


def receiving(name: str, environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    """What that receiver has to send by; its secrets are written. Ends the program when half of it is there."""
    if name == "watchdog":
        return _webhook("ALERT_WATCHDOG_URL", environment, folder)
    if name not in TOLD:
        return {}
    return _webhook("ALERT_WEBHOOK_URL", environment, folder) | _email(environment, folder)


def _secret(name: str, environment: Mapping[str, str], folder: Path) -> str | None:
    """Where it lies now, for Alertmanager to read; None when there is none. Ends the program when it cannot be read."""
    given, source = environment.get(name), environment.get(f"{name}_FILE")
    if not given and source:
        try:
            given = Path(source).read_text(encoding="utf-8").strip()
        except OSError as error:
            sys.exit(f"{name}_FILE: {error.strerror} ({source}); user {os.getuid()} must be able to read it")
    if not given:
        return None
    path = folder / _SECRETS[name]
    write_anew(path, given)
    return str(path)


def _webhook(name: str, environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    path = _secret(name, environment, folder)
    return {"webhook_configs": [{"url_file": path, "send_resolved": name != "ALERT_WATCHDOG_URL"}]} if path else {}


def _email(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    given = {name: environment[name] for name in _TOGETHER if environment.get(name)}
    if not given:
        return {}
    if missing := [name for name in _TOGETHER if name not in given]:
        sys.exit(f"{', '.join(given)} without {', '.join(missing)}: e-mail wants all of them")
    to, sender, server = (given[name] for name in _TOGETHER)
    return {"email_configs": [{"to": to, "from": sender, "smarthost": server} | _sign_in(environment, folder)]}


def _sign_in(environment: Mapping[str, str], folder: Path) -> dict[str, Any]:
    username = environment.get("ALERT_SMTP_USERNAME")
    path = _secret("ALERT_SMTP_PASSWORD", environment, folder) if username else None
    return {"auth_username": username, "auth_password_file": path} if path else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
