"""A socket of another process, as the studio sees it."""

from core.clock import Clock
from core.cluster.calls import Item, Join
from core.cluster.outbox import Outbox
from core.listener import Close, Listener


class FarListener(Listener):
    """A socket of another process: what it is offered goes over the bus."""

    def __init__(self, join: Join, process: str, user_id: int, outbox: Outbox, clock: Clock) -> None:
        super().__init__(
            join.place,
            join.base_url,
            token_version=join.token_version,
            secret_version=join.secret_version,
            hears_changes=join.hears_changes,
            token_id=join.token_id,
            agent=join.agent,
        )
        self.user_id = user_id
        self.process = process
        self.number = join.listener
        self.named_at = clock.monotonic()  # monotonic: when its process spoke of it last
        self._outbox = outbox
        self._clock = clock

    def offer(self, text: str, heard_at: float = 0.0) -> None:
        if self._code is None:
            # Another machine's monotonic clock is another one.
            at = self._clock.now().timestamp() - (self._clock.monotonic() - heard_at) if heard_at else 0.0
            self._outbox.text(self.user_id, self.process, Item(self.number, text, 0, at))

    def forget(self) -> None:
        """Its process knows of it no more, or has it join anew: nothing is said to it."""
        self._code = Close.GOING_AWAY

    def dismiss(self, code: int) -> None:
        if self._code is None:
            self._code = code
            self._outbox.dismiss(self.user_id, self.process, self.number, code)
