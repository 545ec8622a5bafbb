import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import license_keys
from core.errors import InvalidLicenseKey
from core.license_keys import ALPHABET

KEYS = [license_keys.make() for _ in range(5)]
letters = st.text(ALPHABET, min_size=11, max_size=11)


def is_valid(text: str) -> bool:
    try:
        license_keys.normalise(text)
    except InvalidLicenseKey:
        return False
    return True


def test_a_key_is_spelled_in_three_groups_of_four():
    head, *groups = license_keys.make().split("-")

    assert head == "TTB"
    assert [len(group) for group in groups] == [4, 4, 4]
    assert set("".join(groups)) <= set(ALPHABET)


def test_keys_differ():
    assert len({license_keys.make() for _ in range(1_000)}) == 1_000


def test_a_made_key_is_read_as_itself():
    assert [license_keys.normalise(key) for key in KEYS] == KEYS


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_every_single_wrong_letter_is_caught(key: str):
    plain = key.removeprefix("TTB-").replace("-", "")
    wrong = [
        plain[:place] + other + plain[place + 1 :]
        for place in range(12)
        for other in ALPHABET
        if other != plain[place]
    ]

    assert len(wrong) == 12 * 31
    assert not [text for text in wrong if is_valid(text)]


@pytest.mark.parametrize("place", range(11))
def test_every_swap_of_two_different_neighbours_is_caught(place: int):
    pairs = [(a, b) for a in ALPHABET for b in ALPHABET if a != b]
    bodies = [ALPHABET[place] * place + a + b + "7" * (11 - place - 1) for a, b in pairs]
    valid = [body[:11] + license_keys._check_letter(body[:11]) for body in bodies]
    swapped = [text[:place] + text[place + 1] + text[place] + text[place + 2 :] for text in valid]

    assert all(is_valid(text) for text in valid)
    assert not [
        text for text, before in zip(swapped, valid, strict=True) if text != before and is_valid(text)
    ]


@given(letters, st.integers(0, 10))
def test_swaps_are_caught_in_any_key(body: str, place: int):
    text = body + license_keys._check_letter(body)
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]

    assert is_valid(text)
    assert is_valid(swapped) == (swapped == text)


def test_case_blanks_and_dashes_do_not_matter():
    key = KEYS[0]

    assert license_keys.normalise(f"  {key.lower().replace('-', ' ')} ") == key
    assert license_keys.normalise(key.replace("-", "")) == key
    assert license_keys.normalise(key.removeprefix("TTB-")) == key
    assert license_keys.normalise(key.replace("-", " – ")) == key


def test_lookalike_letters_are_read_as_digits():
    body = "0" * 5 + "1" * 6
    key = license_keys.normalise(body + license_keys._check_letter(body))

    typed = key.replace("0", "o").replace("1", "l", 3).replace("1", "I")

    assert license_keys.normalise(typed) == key


def test_a_body_that_starts_like_the_prefix_is_read():
    body = "TTB" + "4" * 8
    plain = body + license_keys._check_letter(body)

    assert license_keys.normalise(plain) == license_keys.normalise("TTB-" + plain)


@pytest.mark.parametrize(
    "text",
    ["", "TTB-", "TTB-AAAA-AAAA", "U" * 12, "TTB-ÀÀÀÀ-ÀÀÀÀ-ÀÀÀÀ", "x" * 5_000, "TTB-0000-0000-0000-0000"],
)
def test_what_is_no_key_is_refused(text: str):
    assert not is_valid(text)


def test_the_hash_depends_on_the_pepper():
    assert license_keys.mac(KEYS[0], b"one") != license_keys.mac(KEYS[0], b"two")
    assert license_keys.mac(KEYS[0], b"one") == license_keys.mac(KEYS[0], b"one")


def test_the_tail_is_the_last_six_letters():
    assert license_keys.tail("TTB-0123-4567-89AB") == "6789AB"
    assert license_keys.normalise_tail("67-89ab") == "6789AB"
    assert license_keys.normalise_tail("TTB-0123-4567-89AB") is None


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str):
    assert is_valid(text) in {True, False}
