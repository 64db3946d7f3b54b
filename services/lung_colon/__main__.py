"""``python -m services.lung_colon`` serves the model."""

from services.lung_colon.definition import SERVICE
from shared.service.run import run_service

if __name__ == "__main__":
    run_service(SERVICE)
