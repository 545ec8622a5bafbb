from collections.abc import Iterator

import pytest

from tests.disks import small_disk
from tests.s3_kit import Bucket, new_bucket, s3_server

__all__ = ["small_disk"]


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3: str) -> Bucket:
    return new_bucket(s3)
