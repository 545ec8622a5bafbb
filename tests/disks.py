"""A disk small enough to fill."""

import os
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = f"mount -t tmpfs -o size=256k tmpfs {shlex.quote(str(disk))}"
    if subprocess.run(["sh", "-c", command], check=False, capture_output=True, timeout=10).returncode:
        assert not os.environ.get("CI"), "this machine does not let a small disk be mounted"
        pytest.skip("a full disk needs the right to mount a small one")
    yield disk
    subprocess.run(["umount", str(disk)], check=True, timeout=10)
