"""What the worker could do if a file took it over; and that playlists lead nowhere."""

import asyncio
import io
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UnsupportedSound
from core.sounds.decoding import Refused
from core.sounds.decoding import prepare as decode
from core.sounds.workshop import SoundWorkshop
from tests.core.sounds.files import in_chunks

ROOT = Path(__file__).parents[3]


class Listener:
    """Counts who calls."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.calls = 0
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            caller, _ = self._socket.accept()
            with caller:
                if caller.recv(100) == b"stop":
                    return
                self.calls += 1

    def close(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as caller:
            caller.sendall(b"stop")
        self._thread.join(5)
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


def playlists(port: int) -> dict[str, bytes]:
    url = f"http://127.0.0.1:{port}/a.mp3"
    return {
        "hls": hls(url),
        "hls of a file": hls("file:///etc/passwd"),
        "dash": (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            '<AdaptationSet><Representation id="1" bandwidth="1">'
            f"<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>"
        ).encode(),
        "sdp": (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\n"
        ).encode(),
        "ffconcat": f"ffconcat version 1.0\nfile {url}\n".encode(),
        "m3u": f"{url}\n".encode(),
        "reference movie": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  " + url.encode().rjust(300, b"\0"),
    }


def hls(url: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{url}\n#EXT-X-ENDLIST\n".encode()


KINDS = list(playlists(0))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_playlist_is_refused_and_calls_nobody(kind, listener):
    data = playlists(listener.port)[kind]

    with pytest.raises(UnsupportedSound):
        await SoundWorkshop().prepare(in_chunks(data), max_seconds=30, max_bytes=10**6)

    assert listener.calls == 0


@pytest.mark.parametrize("container", ["mp3", "wav", "ogg", "flac", "mov", "matroska", "aac"])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_playlist_that_passed_for_a_sound_would_call_nobody_either(kind, container, listener):
    data = playlists(listener.port)[kind]

    with pytest.raises(Refused):
        await asyncio.wait_for(asyncio.to_thread(decode, io.BytesIO(data), container, 30.0), 10)

    assert listener.calls == 0


@pytest.mark.parametrize(
    "deed",
    [
        "socket.socket()",
        "open('/etc/hostname')",
        "open(sys.argv[1], 'w')",
        "os.pipe()",
        "subprocess.run(['true'])",
        "bytearray(2_000_000_000)",
    ],
)
def test_a_confined_process_can_open_nothing(deed, tmp_path):
    program = f"""
        import os, socket, subprocess, sys
        from core.sounds.worker import _confine
        _confine(cpu_seconds=20, memory=1_000_000_000)
        try:
            {deed}
        except (OSError, MemoryError):
            os._exit(7)
    """
    command = [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "file")]

    done = subprocess.run(command, cwd=ROOT, check=False, timeout=20, capture_output=True)

    assert done.returncode == 7


def test_a_confined_process_that_spins_is_ended():
    program = (
        "from core.sounds.worker import _confine; _confine(cpu_seconds=1, memory=10**9)\nwhile True: pass"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, timeout=30)

    assert done.returncode < 0
