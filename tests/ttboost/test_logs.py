"""The form of the log: one line an event, whoever writes it."""

import io
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from ttboost import logs


@pytest.fixture
def written():
    out = io.StringIO()
    before = list(logging.getLogger().handlers)
    logs.configure(out)
    yield out
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = before


def test_what_a_library_says_is_a_line_like_others(written):
    logging.getLogger("vendor").warning("two\nlines of %s", "it")

    [line] = written.getvalue().splitlines()
    assert " level=warning event=library " in line
    assert 'said="two\\nlines of it"' in line


def test_what_a_library_says_in_passing_is_left_out(written):
    logging.getLogger("vendor").info("by the way")

    assert written.getvalue() == ""


def test_a_traceback_stays_on_its_line(written):
    structlog.get_logger().error("broken", exc_info=ValueError("first\nsecond"))

    [line] = written.getvalue().splitlines()
    assert "event=broken" in line
    assert "ValueError: first\\nsecond" in line


@given(
    st.dictionaries(
        st.sampled_from(["a", "user_id", "exception"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text('ab ="\\\n\té', max_size=9),
    )
)
def test_a_line_is_what_structlog_itself_would_write(values):
    line = {**values, "event": "it happened", "timestamp": "2026-01-01", "level": "info"}
    theirs = structlog.processors.LogfmtRenderer(key_order=logs.FIRST)

    assert logs.logfmt(None, "", dict(line)) == theirs(None, "", dict(line))
