"""What the one who asks for a name gets: a name in the media store, or a stream of what is being made."""

from collections.abc import AsyncIterator

from msgspec import Struct

from core.errors import Unavailable
from core.speech.model import SpeechFailed
from core.speech.take import Take


class Audio(Struct, frozen=True):
    """`media_name` set: an ordinary file of the media store. Otherwise read `chunks()`."""

    media_name: str | None = None
    is_lasting: bool = False  # False: a stand-in's voice, or kept nowhere: nobody should cache it for long
    take: Take | None = None

    @property
    def complete(self) -> bool:
        return self.media_name is not None

    async def chunks(self) -> AsyncIterator[bytes]:
        """From the first byte on, also for who comes late. Raises `Unavailable` where it breaks off."""
        if self.take is None:
            return
        try:
            async for chunk in self.take.read():
                yield chunk
        except SpeechFailed as error:
            raise Unavailable(service="speech") from error
