"""``python -m cli``: the same as ``doctorai``."""

from cli.main import app

if __name__ == "__main__":
    app()
