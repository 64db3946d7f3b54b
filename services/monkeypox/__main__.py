"""``python -m services.monkeypox`` serves the model."""

from services.monkeypox.definition import SERVICE
from shared.service.run import run_service

if __name__ == "__main__":
    run_service(SERVICE)
