"""``python -m cli.certificate FOLDER NAME``: a self-signed certificate for ``NAME``, where there is none yet.

For trying things out and closed networks: a browser will ask. It holds for a year; an operator's own is left as it is.
"""

from __future__ import annotations

import ipaddress
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cli.secrets import write_once

CERTIFICATE, KEY = "tls.crt", "tls.key"
_DAYS = 365


def make_certificate(folder: Path, name: str) -> bool:
    """Whether it had to be made. Raises OSError when it cannot be written, ValueError for a half of a pair."""
    there = [(folder / file).exists() for file in (CERTIFICATE, KEY)]
    if all(there):
        return False
    if any(there):
        raise ValueError(f"{folder} holds one of {CERTIFICATE} and {KEY}; both or none are wanted")
    key = ec.generate_private_key(ec.SECP256R1())
    write_once(folder / CERTIFICATE, _signed(key, name).public_bytes(serialization.Encoding.PEM))
    write_once(folder / KEY, key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))  # fmt: skip
    return True


def _signed(key: ec.EllipticCurvePrivateKey, name: str) -> x509.Certificate:
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=_DAYS))
        .add_extension(x509.SubjectAlternativeName([_alternative(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    return builder.sign(key, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def main(arguments: list[str]) -> int:
    folder, name = arguments
    try:
        made = make_certificate(Path(folder), name)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"certificate: {error}\n")
        return 1
    sys.stdout.write(f"made a self-signed certificate for {name}\n" if made else "a certificate is there\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
