"""The project's own fake TikTok, a fixture for tests and a program for other processes."""

from tests.fake_tiktok.behaviour import FakeUser, Page, Play, Sign
from tests.fake_tiktok.server import FakeTikTok, read_recording

__all__ = ["FakeTikTok", "FakeUser", "Page", "Play", "Sign", "read_recording"]
