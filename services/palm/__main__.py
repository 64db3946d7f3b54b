"""``python -m services.palm`` serves the model."""

from services.palm.definition import SERVICE
from shared.service.run import run_service

if __name__ == "__main__":
    run_service(SERVICE)
