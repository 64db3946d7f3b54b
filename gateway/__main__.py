"""``python -m gateway`` serves the public API."""

from __future__ import annotations

from gateway.serve import serve, work
from gateway.settings import GatewaySettings
from gateway.workers import run_workers
from shared.logs import configure_logging, get_logger
from shared.settings import load_settings

_log = get_logger(__name__)
_DETAIL = "each worker counts its own /metrics, and a scrape reads any one of them; use replicas instead of WORKERS"


def main() -> None:
    settings = load_settings(GatewaySettings)
    if settings.workers == 1:
        serve(settings)
    else:
        configure_logging(settings.log_level)
        if settings.metrics_enabled:
            _log.warning("metrics_of_one_worker", workers=settings.workers, detail=_DETAIL)
        run_workers(settings.workers, settings.api_host, settings.api_port, work)


if __name__ == "__main__":
    main()
