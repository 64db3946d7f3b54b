"""``python -m gateway`` serves the public API."""

from __future__ import annotations

from gateway.serve import serve, work
from gateway.settings import GatewaySettings
from gateway.workers import run_workers
from shared.logs import configure_logging
from shared.settings import load_settings


def main() -> None:
    settings = load_settings(GatewaySettings)
    if settings.workers == 1:
        serve(settings)
    else:
        configure_logging(settings.log_level)
        run_workers(settings.workers, settings.api_host, settings.api_port, work)


if __name__ == "__main__":
    main()
