"""What a channel remembers for those who come back: in order, unchanged, while it is worth playing."""

import json

from core.channel import LONG_LIFE, SHORT_LIFE, Channel
from core.listener import MAX_BEHIND, Listener, Place
from core.messages import Chat
from tests.fakes import MovedClock


def channel_with_a_monitor(clock: MovedClock) -> Channel:
    channel = Channel(1, clock, last_seq=0, reserve=lambda upto: None)
    channel.join(Listener(Place.MONITOR, "http://there"))
    return channel


def tell(channel: Channel, text: str, *, lives_long: bool = False) -> None:
    message = Chat(user="Ann", username="ann", message=text)
    channel.number(message)
    channel.publish(message, play_on="auto", lives_long=lives_long)


def missed(channel: Channel, since: int) -> tuple[list[str], int]:
    texts, gap = channel.missed(Listener(Place.MONITOR, "http://there"), since, "auto")
    return [json.loads(text)["message"] for text in texts], gap


def test_both_lives_come_back_in_the_order_they_were_told() -> None:
    channel = channel_with_a_monitor(MovedClock())
    for number in range(1, 7):
        tell(channel, f"{number} ❤️", lives_long=number % 2 == 0)

    assert missed(channel, 2) == (["3 ❤️", "4 ❤️", "5 ❤️", "6 ❤️"], 0)
    assert missed(channel, 6) == ([], 0)


def test_each_is_forgotten_when_its_life_is_over() -> None:
    clock = MovedClock()
    channel = channel_with_a_monitor(clock)
    tell(channel, "short")
    tell(channel, "long", lives_long=True)

    clock.move(SHORT_LIFE)
    assert missed(channel, 0) == (["short", "long"], 0)
    clock.move(1)
    assert missed(channel, 0) == (["long"], 1)
    clock.move(LONG_LIFE)
    assert missed(channel, 0) == ([], 2)


def test_no_more_is_sent_than_a_socket_takes_at_once() -> None:
    channel = channel_with_a_monitor(MovedClock())
    for number in range(2_100):
        tell(channel, str(number))

    texts, gap = missed(channel, 0)

    assert texts == [str(number) for number in range(2_100 - MAX_BEHIND // 2, 2_100)]
    assert gap == 2_100 - MAX_BEHIND // 2
