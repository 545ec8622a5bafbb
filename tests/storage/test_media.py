"""The media store, on a real directory and on an S3 server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from socket import create_server

import pytest

from storage.media import MediaFailure, MediaStore, MissingMedia, NoSpace, S3Access, is_valid_name
from tests.s3_kit import Bucket, other_folder


@pytest.fixture(params=["directory", "bucket"])
def media(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "bucket":
        return MediaStore(*request.getfixturevalue("bucket"))
    return MediaStore(f"file:{tmp_path / 'media'}")


async def pieces(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def cut_off(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk
    raise ConnectionResetError("gone")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_what_was_put_can_be_read_back(media):
    await media.put("sounds/a.mp3", b"audio")

    assert await media.get("sounds/a.mp3") == b"audio"
    info = await media.head("sounds/a.mp3")
    assert (info.name, info.size) == ("sounds/a.mp3", 5)
    assert info.etag.startswith('"')
    assert info.modified.tzinfo is not None


async def test_a_second_put_replaces_and_changes_the_etag(media):
    await media.put("a", b"one")
    before = await media.head("a")
    await media.put("a", b"three")

    assert await media.get("a") == b"three"
    assert (await media.head("a")).etag != before.etag


@pytest.mark.parametrize(
    "name", ["a/missing", "../etc/passwd", "/etc/passwd", "a//b", "a/../b", "", "a\x00b", "ü"]
)
async def test_reading_what_is_not_there_or_no_name_finds_nothing(media, name):
    assert await media.get(name) is None
    assert await media.head(name) is None


async def test_a_folder_is_not_a_file(media):
    await media.put("tts/a.mp3", b"1")

    assert await media.head("tts") is None


@pytest.mark.parametrize(
    "name", ["../a", "/a", "a//b", "a/", ".a", "a/.b", "a/..", "a b", "a\n", "a#1", "x" * 201]
)
async def test_a_bad_name_is_never_written(media, name):
    assert not is_valid_name(name)
    with pytest.raises(ValueError, match="not a media name"):
        await media.put(name, b"1")
    assert await media.list() == []


async def test_a_range_is_half_open(media):
    await media.put("a", b"0123456789")

    assert await media.read_range("a", 2, 5) == b"234"
    assert await media.read_range("a", 8, 10) == b"89"


async def test_reading_a_range_or_stream_of_what_is_gone_says_so(media):
    with pytest.raises(MissingMedia):
        await media.read_range("a", 0, 1)
    with pytest.raises(MissingMedia):
        [chunk async for chunk in media.stream("a")]


async def test_a_stream_yields_everything_in_pieces(media):
    data = bytes(range(256)) * 2000
    await media.put_stream("a", pieces(data[:100_000], data[100_000:]))

    chunks = [chunk async for chunk in media.stream("a", 100_000)]

    assert b"".join(chunks) == data
    assert len(chunks) > 1


async def test_an_upload_cut_off_leaves_nothing(media, tmp_path):
    with pytest.raises(ConnectionResetError):
        await media.put_stream("a", cut_off(b"x" * 6_000_000))

    assert await media.head("a") is None
    assert files(tmp_path) == []


async def test_deleting_twice_is_no_failure(media):
    await media.put("a", b"1")

    await media.delete("a")
    await media.delete("a")

    assert await media.head("a") is None


async def test_list_keeps_to_its_folder(media):
    await asyncio.gather(*(media.put(name, b"1") for name in ("tts/a", "tts/b", "tts2/c", "d")))

    assert sorted(info.name for info in await media.list("tts/")) == ["tts/a", "tts/b"]
    assert len(await media.list()) == 4
    assert await media.list("none") == []


async def test_a_relative_directory_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    await MediaStore("file:data/my media").put("a", b"1")

    assert (tmp_path / "data" / "my media" / "a").read_bytes() == b"1"


async def test_three_slashes_are_an_absolute_directory(tmp_path):
    await MediaStore(f"file://{tmp_path}/m").put("a", b"1")

    assert (tmp_path / "m" / "a").read_bytes() == b"1"


def test_a_directory_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(MediaFailure, match="cannot make"):
        MediaStore(f"file:{tmp_path}/file/media")


async def test_a_full_disk_is_told_apart_and_stores_nothing(small_disk):
    media = MediaStore(f"file:{small_disk}")
    await media.put("small", b"x" * 1000)

    with pytest.raises(NoSpace):
        await media.put("big", b"x" * 400_000)
    with pytest.raises(NoSpace):
        await media.put_stream("big", pieces(*[b"x" * 50_000] * 8))

    assert [info.name for info in await media.list()] == ["small"]
    assert len(files(small_disk)) == 1
    await media.put("small2", b"x" * 1000)


async def test_an_s3_server_that_refuses_connections_is_a_failure():
    access = S3Access(endpoint="http://127.0.0.1:9", access_key="k", secret_key="s")

    with pytest.raises(MediaFailure):
        await MediaStore("s3://bucket/prefix", access).head("a")


async def test_folders_of_one_bucket_know_nothing_of_each_other(bucket: Bucket):
    media, other = MediaStore(*bucket), other_folder(bucket)
    await media.put("a", b"1")

    assert await other.list() == []
    assert await other.get("a") is None


async def test_a_big_upload_is_whole(bucket: Bucket):
    media = MediaStore(*bucket)
    data = bytes(range(256)) * 50_000

    await media.put_stream("a", pieces(data[:7_000_000], data[7_000_000:]))

    assert await media.get("a") == data


async def test_a_bucket_that_is_not_there_is_a_failure(s3: str):
    access = S3Access(endpoint=s3, access_key="k", secret_key="s")

    with pytest.raises(MediaFailure):
        await MediaStore("s3://missing/prefix", access).put("a", b"1")


async def test_an_s3_server_that_says_nothing_is_given_up():
    with create_server(("127.0.0.1", 0)) as silent:
        access = S3Access(f"http://127.0.0.1:{silent.getsockname()[1]}", access_key="k", secret_key="s")

        async with asyncio.timeout(60):
            with pytest.raises(MediaFailure):
                await MediaStore("s3://bucket/prefix", access).head("a")
