"""The programs that the Dockerfiles run: files, not modules of a package."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from tests.conftest import REPOSITORY


def load_program(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, REPOSITORY / "deploy" / "docker" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
