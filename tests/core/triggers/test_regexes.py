"""What a streamer may write as a pattern, and what it may cost."""

import pytest

from core.triggers import regexes
from core.triggers.regexes import MAX_WRITTEN, RegexSet, refuse_bad


@pytest.mark.parametrize("pattern", [r"\bhi\b", r"(?i)прив(ет)?", r"\p{L}{2,5}!", r"^(a|b)*$", "", "x" * 200])
def test_usual_patterns_are_taken(pattern: str) -> None:
    refuse_bad(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(a", "[z-a]", "*a", r"(a)\1", "(?=a)", "a{1001}", "((a{100}){100}){100}", r"(\pL{200}){5}", "x" * 201],
)
def test_broken_exploding_and_foreign_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"characters|regular expression"):
        refuse_bad(pattern)


def test_all_that_are_found_are_told_in_order() -> None:
    patterns = RegexSet(["three", "^one", "two", "four$"])

    assert patterns.found_in("one two three") == [0, 1, 2]
    assert patterns.found_in("zero") == []


def test_equal_patterns_are_each_found() -> None:
    assert RegexSet(["a", "b", "a"]).found_in("a") == [0, 2]


def test_a_set_too_large_for_one_automaton_is_tried_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regexes, "SET_BYTES", 1)
    patterns = RegexSet(["a", "b", "c"])

    assert patterns.found_in("cab") == [0, 1, 2]


def test_what_is_made_to_explode_takes_its_linear_time() -> None:
    patterns = RegexSet([r"(a+)+$", r"(a|aa)+$", r"(.*a){20}b"])

    assert patterns.found_in("a" * (MAX_WRITTEN - 1) + "!") == []
