"""A certificate for trying things out: made once, of the right name; an operator's own stays."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from cryptography import x509

from cli.certificate import main


def names(folder: Path) -> x509.SubjectAlternativeName:
    certificate = x509.load_pem_x509_certificate((folder / "tls.crt").read_bytes())
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_it_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "clinic.example"]) == 0
    assert names(tmp_path).get_values_for_type(x509.DNSName) == ["clinic.example"]
    first = (tmp_path / "tls.crt").read_bytes(), (tmp_path / "tls.key").read_bytes()
    assert main([str(tmp_path), "other.example"]) == 0
    assert ((tmp_path / "tls.crt").read_bytes(), (tmp_path / "tls.key").read_bytes()) == first
    assert "PRIVATE" not in capsys.readouterr().out


def test_of_an_address(tmp_path: Path) -> None:
    assert main([str(tmp_path), "192.0.2.7"]) == 0
    assert names(tmp_path).get_values_for_type(x509.IPAddress) == [ipaddress.ip_address("192.0.2.7")]


def test_half_a_pair_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tls.crt").touch()
    assert main([str(tmp_path), "localhost"]) == 1
    assert "both or none" in capsys.readouterr().err


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none"), "localhost"]) == 1
    assert "No such file" in capsys.readouterr().err
