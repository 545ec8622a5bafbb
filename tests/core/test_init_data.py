"""Only what Telegram signed for this bot, once said and lately, is believed."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as some
from init_data_py import is_valid_by_hash

from core.errors import InitDataExpired, InitDataInvalid
from core.init_data import MAX_BYTES, InitData, secret_of, verify
from tests.init_data_kit import ANNA, TOKEN, init_data, sign

NOW = 1_767_225_600.0
HOUR = 3600.0


def read(raw: str, now: float = NOW, max_age: float = HOUR) -> InitData:
    return verify(raw, secret_of(TOKEN), now, max_age)


def signed(*pairs: tuple[str, str]) -> str:
    """Pairs as they come, doubled or not, with the hash over what a reader that takes the last would see."""
    return urlencode([*pairs, ("hash", sign(dict(pairs)))], quote_via=quote)


def plain(**changes: str) -> dict[str, str]:
    return {"user": json.dumps(ANNA), "auth_date": str(int(NOW)), **changes}


def test_what_telegram_signed_is_read():
    who = read(init_data(NOW, start_param="ref_1"))

    assert who == InitData(
        telegram_id=77,
        first_name="Анна",
        last_name="O/Neil",
        telegram_name="anna",
        language_code="ru",
        auth_date=int(NOW),
        start_param="ref_1",
    )


def test_what_is_left_out_is_empty():
    who = read(init_data(NOW, {"id": 5}))

    assert (who.telegram_id, who.first_name, who.telegram_name, who.start_param) == (5, "", "", "")


def test_the_same_may_sign_in_again_within_the_window():
    raw = init_data(NOW)

    assert read(raw) == read(raw, NOW + HOUR)


@pytest.mark.parametrize("later", [HOUR + 1, 2 * 86_400])
def test_stale_is_told_from_wrong(later):
    with pytest.raises(InitDataExpired):
        read(init_data(NOW), NOW + later)


@pytest.mark.parametrize(("ahead", "is_good"), [(60, True), (61, False), (86_400, False)])
def test_a_clock_may_be_a_minute_ahead(ahead, is_good):
    raw = init_data(NOW + ahead)

    if is_good:
        assert read(raw).auth_date == NOW + ahead
    else:
        with pytest.raises(InitDataInvalid):
            read(raw)


def test_a_stale_forgery_is_a_forgery():
    with pytest.raises(InitDataInvalid):
        read(init_data(NOW, token="43:TEST"), NOW + 2 * HOUR)


ESCAPED_SLASH = '{"id":77,"photo_url":"https:\\/\\/t.me\\/i.svg"}'

GOOD = {
    "blank values": signed(*plain(start_param="").items()),
    "signature stays among what is signed": signed(*plain(signature="c2ln").items()),
    "unknown fields": signed(*plain(chat_instance="-1", something_new="yes").items()),
    "escaped slashes": signed(*plain(user=ESCAPED_SLASH).items()),
    "another order": "&".join(reversed(init_data(NOW).split("&"))),
    "plus for a blank": init_data(NOW, {"id": 1, "first_name": "A B"}).replace("%20", "+"),
    "lower case escapes": re.sub("%..", lambda found: found[0].lower(), init_data(NOW)),
    "largest id": init_data(NOW, {"id": 2**52 - 1}),
}


@pytest.mark.parametrize("raw", GOOD.values(), ids=GOOD)
def test_every_way_to_write_the_same_is_read(raw):
    assert read(raw).telegram_id > 0


EVIL = json.dumps({"id": 1, "first_name": "Mallory"})
DEEP = '{"id":1,"x":' + "[" * 1500 + "]" * 1500 + "}"
ONE = json.dumps({"id": 1})

BAD = {
    "nothing": "",
    "foreign bot": init_data(NOW, token="43:TEST"),
    "tampered": init_data(NOW).replace("77", "78"),
    "field added": init_data(NOW) + "&start_param=x",
    "field removed": init_data(NOW).replace("query_id=AAH&", ""),
    "no hash": urlencode(plain()),
    "empty hash": urlencode({**plain(), "hash": ""}),
    "upper case hash": urlencode({**plain(), "hash": sign(plain()).upper()}),
    "hash with a newline": urlencode({**plain(), "hash": sign(plain()) + "\n"}),
    "non-ASCII hash": urlencode({**plain(), "hash": "é" * 64}),
    "non-ASCII digits as hash": urlencode({**plain(), "hash": "١" * 64}),
    "two hashes": init_data(NOW) + "&hash=" + "0" * 64,
    "user doubled before": signed(("user", EVIL), *plain().items()),
    "user doubled after": signed(*plain().items(), ("user", json.dumps(ANNA))),
    "merged by newline": signed(*plain(query_id="AAH\nstart_param=ref_1").items()),
    "merged by newline in a name": signed(*plain(**{"a\nb": "x"}).items()),
    "carriage return": signed(*plain(query_id="AAH\rx").items()),
    "null": signed(*plain(query_id="A\x00H").items()),
    "delete": signed(*plain(query_id="A\x7fH").items()),
    "no name": signed(*plain(**{"": "x"}).items()),
    "no equals sign": init_data(NOW) + "&alone",
    "empty pair": init_data(NOW) + "&",
    "broken escape": init_data(NOW) + "%zz",
    "half an escape": init_data(NOW) + "%a",
    "no UTF-8": init_data(NOW) + "&x=%ff",
    "raw letters": unquote(init_data(NOW)),
    "surrogate": init_data(NOW) + "\ud800",
    "no auth_date": signed(("user", ONE)),
    "auth_date of words": signed(*plain(auth_date="today").items()),
    "auth_date below zero": signed(*plain(auth_date="-1").items()),
    "auth_date with a sign": signed(*plain(auth_date=f"+{int(NOW)}").items()),
    "auth_date with a fraction": signed(*plain(auth_date=f"{NOW}").items()),
    "auth_date in other digits": signed(*plain(auth_date="١٧٦٧٢٢٥٦٠٠").items()),
    "huge auth_date": signed(*plain(auth_date="9" * 30).items()),
    "no user": signed(("auth_date", str(int(NOW)))),
    "user a list": signed(*plain(user="[1]").items()),
    "user a number": signed(*plain(user="1").items()),
    "user no JSON": signed(*plain(user="{").items()),
    "user deep": signed(*plain(user=DEEP).items()),
    "id a text": init_data(NOW, {"id": "77"}),
    "id a boolean": init_data(NOW, {"id": True}),
    "id a fraction": init_data(NOW, {"id": 77.5}),
    "id a whole fraction": init_data(NOW, '{"id": 77.0}'),
    "id zero": init_data(NOW, {"id": 0}),
    "id below zero": init_data(NOW, {"id": -77}),
    "id too large": init_data(NOW, {"id": 2**52}),
    "id endless": init_data(NOW, '{"id": ' + "9" * 400 + "}"),
    "name a number": init_data(NOW, {"id": 77, "first_name": 5}),
    "many fields": signed(*plain(**{f"f{number}": "" for number in range(40)}).items()),
    "too long": init_data(NOW, start_param="x" * MAX_BYTES),
    "megabytes": init_data(NOW, start_param="x" * 5_000_000),
    "a hundred thousand fields": "&".join(f"f{number}=" for number in range(100_000)),
    "escaped twice": quote_plus(init_data(NOW)),
}


@pytest.mark.parametrize("raw", BAD.values(), ids=BAD)
def test_everything_else_is_refused(raw):
    with pytest.raises(InitDataInvalid):
        read(raw)


def test_sizes_are_refused_before_anything_is_hashed(monkeypatch):
    def hashed(*_: object) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr("core.init_data._check_hash", hashed)

    for name in ("megabytes", "a hundred thousand fields", "many fields", "user doubled before", "null"):
        with pytest.raises(InitDataInvalid):
            read(BAD[name])


# Against another reader

TEXT = some.text(some.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
USERS = some.fixed_dictionaries(
    {"id": some.integers(1, 2**52 - 1), "first_name": TEXT.filter(bool)},
    optional={"last_name": TEXT, "language_code": some.sampled_from(["en", "ru"])},
)
EXTRAS = some.dictionaries(
    some.from_regex(r"[a-z_]{1,8}", fullmatch=True).filter(
        lambda name: name not in {"hash", "user", "auth_date", "chat", "receiver", "can_send_after"}
    ),
    TEXT,
    max_size=4,
)


def oracle_takes(raw: str) -> bool:
    try:
        return is_valid_by_hash(raw, TOKEN, expires_in=int(HOUR), now=datetime.fromtimestamp(NOW, UTC))
    except RecursionError:
        return False


@given(USERS, EXTRAS)
def test_what_is_signed_is_believed_by_both(user, extras):
    raw = init_data(NOW, user, **extras)

    assert read(raw).telegram_id == user["id"]
    assert oracle_takes(raw)


def fields_of(raw: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(raw, keep_blank_values=True))


@given(USERS, EXTRAS, some.data())
def test_one_changed_letter_is_believed_by_neither_unless_it_says_the_same(user, extras, data):
    raw = init_data(NOW, user, **extras)
    place = data.draw(some.integers(0, len(raw) - 1))
    letter = data.draw(some.sampled_from("0aA%&=+;\n\x00é"))
    changed = raw[:place] + letter + raw[place + 1 :]

    try:
        read(changed)
    except (InitDataInvalid, InitDataExpired):
        return
    assert sorted(parse_qsl(changed, keep_blank_values=True)) == sorted(
        parse_qsl(raw, keep_blank_values=True)
    )
    assert oracle_takes(changed)


STRICTER = {
    "merged by newline",  # these pass one field off as part of another
    "merged by newline in a name",
    "carriage return",
    "null",
    "delete",
    "megabytes",
    "too long",
    "no user",
    "raw letters",
    "upper case hash",
}
"""Signed, and taken by the other reader."""


@pytest.mark.parametrize("name", BAD)
def test_the_other_reader_refuses_the_same_but_for_this(name):
    assert oracle_takes(BAD[name]) is (name in STRICTER)


@given(some.text(max_size=200))
def test_no_text_breaks_the_reader(text):
    with pytest.raises(InitDataInvalid):
        read(text)


@given(some.binary(max_size=60))
def test_no_signed_user_breaks_the_reader(noise):
    fields = {"user": noise.decode("latin-1"), "auth_date": str(int(NOW))}
    raw = urlencode({**fields, "hash": sign(fields)})

    with pytest.raises(InitDataInvalid):
        read(raw)
