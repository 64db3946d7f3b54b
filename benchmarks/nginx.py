"""nginx as a plain reverse proxy: what a proxy costs that neither signs in nor limits, nor keeps an audit."""

from __future__ import annotations

import getpass
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.gateway_processes import process

_CONFIG = """\
daemon off;
worker_processes 1;
user {user};
pid "{folder}/nginx.pid";
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_max_body_size 16m;
  client_body_buffer_size 1m;
  client_body_temp_path "{folder}/body";
  proxy_temp_path "{folder}/proxy";
  fastcgi_temp_path "{folder}/fastcgi";
  uwsgi_temp_path "{folder}/uwsgi";
  scgi_temp_path "{folder}/scgi";
  keepalive_requests 100000000;
  upstream service {{
    server 127.0.0.1:{service};
    keepalive 64;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://service;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


def installed() -> str | None:
    """The path of nginx; Debian keeps it where a user's PATH does not look."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def running(executable: str, folder: Path, *, port: int, service: int) -> Iterator[int]:
    """nginx on ``port`` in front of ``service``, all its files in ``folder``; its worker's process id is not known."""
    folder.mkdir()
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(user=getpass.getuser(), folder=folder, port=port, service=service))
    command = [executable, "-p", str(folder), "-c", str(config), "-e", "stderr"]
    with process("nginx", command, {}, folder, port) as child:
        yield child.pid
