"""``python -m tests.support.toy_service``: the toy service as a process."""

from shared.service.run import run_service
from tests.support.toy import TOY

if __name__ == "__main__":
    run_service(TOY)
