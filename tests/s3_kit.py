"""An S3 server of its own for tests, played by moto."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from socket import create_server
from uuid import uuid4

from storage.media import MediaStore, S3Access

Bucket = tuple[str, S3Access]
"""The address of a folder in it, and the way to it."""


def free_port() -> int:
    with closing(create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def s3_server() -> Iterator[str]:
    """Its address."""
    port = free_port()
    command = (sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port))
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.kill()


def _wait(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            _asked("GET", address, "/moto-api/")
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError("moto does not answer")


def _asked(method: str, address: str, path: str) -> int:
    with closing(HTTPConnection(address.removeprefix("http://"), timeout=10)) as connection:
        connection.request(method, path)
        return connection.getresponse().status


def new_bucket(address: str) -> Bucket:
    name = f"b{uuid4().hex[:12]}"
    assert _asked("PUT", address, f"/{name}") == 200
    return f"s3://{name}/some/prefix", S3Access(endpoint=address, access_key="key", secret_key="secret")


def other_folder(bucket: Bucket) -> MediaStore:
    """Of the same bucket."""
    url, access = bucket
    return MediaStore(url.replace("some/prefix", "other"), access)
