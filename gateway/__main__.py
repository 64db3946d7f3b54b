"""``python -m gateway`` serves the public API."""

from __future__ import annotations

from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.http.server import GracefulServer, server_config
from shared.logs import configure_logging
from shared.settings import load_settings


def main() -> None:
    settings = load_settings(GatewaySettings)
    configure_logging(settings.log_level)
    app = create_app(settings)

    async def before_stop() -> None:
        """Nothing announces a gateway: the balancer in front of it notices by itself."""

    config = server_config(app, settings.api_host, settings.api_port, settings.drain_seconds)
    GracefulServer(config, before_stop, linger_s=settings.linger_seconds).run()


if __name__ == "__main__":
    main()
