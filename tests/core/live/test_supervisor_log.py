"""What the log says of one streamer's LIVE."""

from structlog.testing import capture_logs

from tests.core.live.scripted import ScriptedSource
from tests.core.live.test_supervisor import watch


def test_each_state_is_logged_once() -> None:
    with capture_logs() as logged:
        watch(ScriptedSource(["7"]), seconds=100)

    states = [line["state"] for line in logged if line["event"] == "live_state"]
    assert states == ["connecting", "live", "off"]
