"""`python -m tests.fake_tiktok.crowd DIRECTORY ROOMS`: many LIVEs at once over TLS, phones that hear some.

The other process of the `rooms` bench. Says `ready URL CERTIFICATE`, then reads one JSON line: the
product's address, the players' pages, how long to measure. Answers with a JSON line for each window.
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiohttp

from tests.fake_tiktok import proto
from tests.fake_tiktok.behaviour import FakeUser
from tests.fake_tiktok.server import FakeTikTok, read_recording
from tests.fake_tiktok.tls import make_certificate, server_context

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
DEMO = Path(__file__).parents[2] / "ttboost/demo/demo.frames"
MESSAGES_A_SECOND = 4.3  # of one room, as measured in real ones
MESSAGES_A_FRAME = 2.7
RATE = MESSAGES_A_SECOND / MESSAGES_A_FRAME
FRAMES = 400  # different ones: over four minutes, then the same with new ids
FIRST_NEW_ID = 7_000_000_000_000_000_000
LOST_AFTER = 5.0  # seconds without a marked comment: it will not come any more
PUSH_PAYLOAD, FETCH_MESSAGE, METHOD, PAYLOAD = 8, 1, 1, 2


class Crowd:
    def __init__(self) -> None:
        self.dealt = _dealt()
        self.sent: dict[tuple[str, int], float] = {}  # (handle, number of the frame) -> when
        self.watched: set[str] = set()  # those whose phone is there: what comes from now on it must be told
        self.latencies: list[float] = []
        self.frames_sent = 0
        self.numbers = Counter[str]()  # by handle: of its next frame
        self.told: set[tuple[str, int]] = set()
        self.doubled = 0
        self.heard_at: dict[str, float] = {}  # by handle: when its phone was told a marked comment last
        self.silence = 0.0  # the longest between two of them on one phone
        self._cached = lru_cache(FRAMES)(self._frame)

    def frame_of(self, user: FakeUser, _number: int) -> bytes:
        """A LIVE goes on where it is, whoever connects to it again: none of its messages comes twice."""
        self.frames_sent += 1
        number = self.numbers[user.unique_id]
        self.numbers[user.unique_id] += 1
        if user.unique_id in self.watched:
            self.sent[user.unique_id, number] = time.perf_counter()
        return self._cached(number)

    def _frame(self, number: int) -> bytes:
        """A comment that says which frame it is, and real messages; no message is ever the same twice."""
        mark = proto.chat(8_000_000_000_000_000_000 + number, f"mark {number}")
        real = self.dealt[number % FRAMES]
        if number >= FRAMES:
            real = [_with_id(one, FIRST_NEW_ID + number * 100 + place) for place, one in enumerate(real)]
        return proto.frame([mark, *real], log_id=number + 1)

    def _note(self, mark: tuple[str, int], now: float) -> None:
        self.doubled += mark in self.told
        self.told.add(mark)
        self.silence = max(self.silence, now - self.heard_at.get(mark[0], now))
        self.heard_at[mark[0]] = now
        since = self.sent.pop(mark, None)
        if since is not None:
            self.latencies.append(now - since)

    def longest_silence(self) -> float:
        """Seconds; those that last still count, too."""
        now = time.perf_counter()
        return max([self.silence, *(now - since for since in self.heard_at.values())])

    def forget_lost(self) -> int:
        """How many marked comments did not come in time; each is counted once."""
        now = time.perf_counter()
        lost = [key for key, since in self.sent.items() if now - since > LOST_AFTER]
        for key in lost:
            del self.sent[key]
        return len(lost)

    async def listen(self, http: aiohttp.ClientSession, url: str, host: str) -> None:
        """A phone: how long each marked comment took to get here."""
        async with http.ws_connect(url, max_msg_size=0) as socket:
            async for message in socket:
                now = time.perf_counter()
                self.watched.add(host)
                told = json.loads(message.data)
                if told["type"] == "chat" and told["message"].startswith("mark "):
                    self._note((host, int(told["message"][5:])), now)


def _dealt() -> list[list[proto.Message]]:
    """Real messages, a few to a frame, one place of each left for the mark."""
    paths = sorted(RECORDINGS.glob("*.frames")) or [DEMO]
    messages = [message for path in paths for message in _messages(path)]
    random.Random(1).shuffle(messages)
    dealt, at = [], 0.0
    for _ in range(FRAMES):
        count = int(at + MESSAGES_A_FRAME - 1) - int(at)
        dealt.append([messages[(int(at) + one) % len(messages)] for one in range(count)])
        at += MESSAGES_A_FRAME - 1
    return dealt


def _with_id(message: proto.Message, msg_id: int) -> proto.Message:
    """A singular field that comes again is merged, and the later id counts (protobuf's encoding rules)."""
    method, payload = message
    return method, payload + proto.field(1, proto.field(2, msg_id))


def _messages(path: Path) -> list[proto.Message]:
    import gzip

    found = []
    for frame in read_recording(path):
        body = dict(proto.fields(frame))[PUSH_PAYLOAD]
        assert isinstance(body, bytes)
        for key, message in proto.fields(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body):
            if key == FETCH_MESSAGE and isinstance(message, bytes):
                parts = dict(proto.fields(message))
                method, payload = parts[METHOD], parts[PAYLOAD]
                assert isinstance(method, bytes)
                assert isinstance(payload, bytes)
                if method != b"WebcastControlMessage":
                    found.append((method.decode(), payload))
    return found


async def main(directory: Path, rooms: int) -> None:
    crowd = Crowd()
    certificate = make_certificate(directory)
    async with FakeTikTok(crowd.frame_of, rate=RATE, tls=server_context(certificate)) as fake:
        fake.is_steady = False
        _say(f"ready {fake.url} {certificate}")
        wanted: dict[str, Any] = json.loads(await asyncio.to_thread(sys.stdin.readline))
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
            phones = [
                asyncio.create_task(crowd.listen(http, url, host)) for host, url in wanted["players"].items()
            ]
            await _all_are_heard(fake, rooms)
            await asyncio.sleep(wanted["warm_up"])
            for _ in range(wanted["windows"]):
                await _measure(crowd, wanted["seconds"])
            for phone in phones:
                phone.cancel()


async def _all_are_heard(fake: FakeTikTok, rooms: int) -> None:
    async with asyncio.timeout(30 + rooms / 4):  # they are looked for ten a second
        while fake.stats["im_enter_room"] < rooms:
            await asyncio.sleep(0.2)
    _say(json.dumps({"heard": rooms}))


async def _measure(crowd: Crowd, seconds: float) -> None:
    crowd.latencies.clear()
    crowd.silence = 0.0
    doubled = crowd.doubled
    frames, cpu, began = crowd.frames_sent, time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    took = time.perf_counter() - began
    seen = sorted(crowd.latencies)
    _say(
        json.dumps(
            {
                "heard": len(seen),
                "p50": seen[len(seen) // 2] if seen else None,
                "p99": seen[int(len(seen) * 0.99)] if seen else None,
                "lost": crowd.forget_lost(),
                "silence": crowd.longest_silence(),
                "doubled": crowd.doubled - doubled,
                "frames_a_second": (crowd.frames_sent - frames) / took,
                "own_cpu": (time.process_time() - cpu) / took,
            }
        )
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2])))
