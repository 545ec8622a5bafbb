"""`python -m tests.fake_tiktok --recording FILE [--port N] [--rate R] [--loop] [--tls DIRECTORY]`

Prints one line `ready URL` and serves until it is stopped. With --tls a certificate is written to the
directory first. The prefix of a streamer's name chooses what happens to it (see behaviour.py).
"""

import argparse
import asyncio
import sys
from pathlib import Path

import uvloop

from tests.fake_tiktok.behaviour import FakeUser
from tests.fake_tiktok.server import FakeTikTok, read_recording
from tests.fake_tiktok.tls import make_certificate, server_context


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="fake_tiktok", description=__doc__)
    parser.add_argument("--recording", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rate", type=float, default=1.5, help="frames a second and socket; 0: at once")
    parser.add_argument("--loop", action="store_true")
    parser.add_argument("--tls", type=Path, metavar="DIRECTORY")
    return parser.parse_args()


async def serve(wanted: argparse.Namespace) -> None:
    frames = read_recording(wanted.recording)

    def frame_of(_user: FakeUser, number: int) -> bytes | None:
        if number >= len(frames) and not wanted.loop:
            return None
        return frames[number % len(frames)]

    tls = server_context(make_certificate(wanted.tls)) if wanted.tls else None
    async with FakeTikTok(frame_of, rate=wanted.rate, tls=tls, port=wanted.port) as fake:
        sys.stdout.write(f"ready {fake.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    try:
        uvloop.run(serve(arguments()))
    except KeyboardInterrupt:
        sys.exit(0)
