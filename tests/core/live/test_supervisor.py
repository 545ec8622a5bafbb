"""The life of one streamer's LIVE: waiting, listening, reconnecting, and what is said of it meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from core.config import Tiktok
from core.live.budgets import Budgets, budgets_for, unlimited
from core.live.events import Frame, ViewersCounted
from core.live.source import (
    Blocked,
    ConnectionLost,
    LiveState,
    LookupFailed,
    Offline,
    SignFailed,
    SignLimited,
    SignRefused,
    UnknownStreamer,
)
from core.live.supervisor import Supervisor
from tests.core.live.scripted import END, QUIET, ScriptedSource, Step, Story, trouble
from tests.core.live.virtual_time import START, LoopClock, run

Then = Callable[[Supervisor], Awaitable[None]]


def watch(
    source: ScriptedSource, *, seconds: float, budgets: Budgets | None = None, then: Then | None = None
) -> Story:
    """What happens in the first `seconds`, and after `then` was done to the supervisor."""
    story = Story()

    async def scenario() -> None:
        clock = LoopClock()
        supervisor = Supervisor("anna", source, story, budgets or scarce(), clock, story.changed)
        running = asyncio.create_task(supervisor.run())
        await asyncio.sleep(seconds)
        story.statuses.append(supervisor.status)
        if then:
            await then(supervisor)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scenario())
    return story


def scarce() -> Budgets:
    return budgets_for(Tiktok(), LoopClock())


def lasting(seconds: float, *end: Step) -> list[Step]:
    return [QUIET, seconds, *end]


def test_a_streamer_on_air_is_live_until_stopped() -> None:
    story = watch(ScriptedSource(["7"]), seconds=100)

    assert story.states == ["connecting", "live", "off"]
    assert story.told == ["began 7", "ended"]


def test_an_offline_streamer_is_waited_for_and_starts_by_itself() -> None:
    source = ScriptedSource([Offline(), Offline(), "7"])

    story = watch(source, seconds=100)

    assert story.states == ["connecting", "waiting", "connecting", "live", "off"]
    assert len(source.looked_at) == 3


def test_an_offline_streamer_is_looked_at_about_every_half_minute() -> None:
    source = ScriptedSource([Offline()])

    watch(source, seconds=3600)

    assert 110 <= len(source.looked_at) <= 135


def test_a_failing_look_leaves_who_is_waited_for_waiting_and_says_why() -> None:
    story = watch(ScriptedSource([Offline(), LookupFailed()]), seconds=60)

    assert story.states == ["connecting", "waiting", "off"]
    assert story.errors() == {"lookup_failed"}


def test_a_room_that_keeps_failing_does_not_keep_others_from_a_signature() -> None:
    flapping, patient = Story(), Story()

    async def scenario() -> float:
        budgets, clock = budgets_for(Tiktok(signatures_per_minute=1), LoopClock()), LoopClock()
        failing = ScriptedSource(["7"], [[QUIET, ConnectionLost()]])
        healthy = ScriptedSource(["8"])
        first = Supervisor("anna", failing, flapping, budgets, clock, flapping.changed)
        second = Supervisor("bert", healthy, patient, budgets, clock, patient.changed)
        tasks = [asyncio.create_task(first.run())]
        await asyncio.sleep(1)
        tasks.append(asyncio.create_task(second.run()))
        await asyncio.wait(tasks, timeout=1200)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return healthy.connected_at[0][0]

    assert run(scenario()) <= 360


def test_pressing_live_looks_at_once() -> None:
    source = ScriptedSource([Offline(), "7"])

    async def press(supervisor: Supervisor) -> None:
        supervisor.check_now()
        await asyncio.sleep(0.1)

    story = watch(source, seconds=10, then=press)

    assert story.states[-2:] == ["live", "off"]
    assert source.looked_at == [0, 10]


def test_pressing_live_over_and_over_does_not_ask_tiktok_each_time() -> None:
    source = ScriptedSource([Offline()])

    async def hammer(supervisor: Supervisor) -> None:
        for _ in range(600):
            supervisor.check_now()
            await asyncio.sleep(0.1)

    watch(source, seconds=0, then=hammer)

    assert len(source.looked_at) <= 21


def test_a_cut_in_the_same_room_goes_on_as_the_same_stream() -> None:
    source = ScriptedSource(["7"], [lasting(100, ConnectionLost()), [1e9]])

    story = watch(source, seconds=200)

    assert story.told == ["began 7", "lost", "again 7", "ended"]
    assert [reconnecting for _, _, reconnecting in source.connected_at] == [False, True]


def test_a_reconnect_comes_within_two_seconds_of_the_first_cut() -> None:
    source = ScriptedSource(["7"], [lasting(100, ConnectionLost()), [1e9]])

    watch(source, seconds=200)

    assert 100 < source.connected_at[1][0] <= 102


def test_a_clean_close_is_not_the_end_of_the_stream() -> None:
    story = watch(ScriptedSource(["7"], [lasting(100), [1e9]]), seconds=200)

    assert story.told == ["began 7", "lost", "again 7", "ended"]


def test_another_room_after_a_cut_is_a_new_stream() -> None:
    story = watch(ScriptedSource(["7", "8"], [lasting(10, ConnectionLost()), [1e9]]), seconds=60)

    assert story.told == ["began 7", "lost", "ended", "began 8", "ended"]


def test_a_room_found_offline_after_a_cut_has_ended() -> None:
    story = watch(ScriptedSource(["7", Offline()], [lasting(10, ConnectionLost())]), seconds=60)

    assert story.told == ["began 7", "lost", "ended"]
    assert story.states[-2:] == ["waiting", "off"]


@pytest.mark.parametrize("failure", [LookupFailed(), UnknownStreamer()])
def test_a_failing_look_after_a_cut_does_not_end_the_stream(failure: Exception) -> None:
    source = ScriptedSource(["7", failure], [lasting(10, ConnectionLost()), [1e9]])

    story = watch(source, seconds=60)

    assert story.told == ["began 7", "lost", "again 7", "ended"]


def test_the_end_of_the_stream_leads_to_waiting_for_the_next() -> None:
    story = watch(ScriptedSource(["7", Offline(), "8"], [lasting(10, END), [1e9]]), seconds=200)

    assert story.told == ["began 7", "ended", "began 8", "ended"]
    assert story.states == ["connecting", "live", "waiting", "connecting", "live", "off"]


def test_a_room_that_ended_is_not_entered_again_though_the_page_still_names_it() -> None:
    source = ScriptedSource(["7"], [lasting(10, END), [1e9]])

    story = watch(source, seconds=250)

    assert len(source.connected_at) == 1
    assert story.statuses[-2].state is LiveState.WAITING


def test_connections_that_fail_at_once_are_tried_ever_more_rarely() -> None:
    source = ScriptedSource(["7"], [ConnectionLost()])

    watch(source, seconds=3600, budgets=unlimited(LoopClock()))

    assert 60 <= len(source.connected_at) <= 140


def test_a_healthy_minute_clears_the_failures_before_it() -> None:
    failing: list[list[Step] | Exception] = [ConnectionLost()] * 6
    source = ScriptedSource(["7"], [*failing, lasting(61, ConnectionLost()), [1e9]])

    watch(source, seconds=400)

    cut_at = source.connected_at[6][0] + 61
    assert source.connected_at[7][0] - cut_at <= 1


def test_a_short_connection_does_not_clear_the_failures() -> None:
    failing: list[list[Step] | Exception] = [ConnectionLost()] * 6
    source = ScriptedSource(["7"], [*failing, lasting(5, ConnectionLost()), [1e9]])

    watch(source, seconds=400)

    cut_at = source.connected_at[6][0] + 5
    assert source.connected_at[7][0] - cut_at >= 30


@pytest.mark.parametrize("failure", [SignFailed(), SignLimited(), SignRefused(), Blocked(), ConnectionLost()])
def test_every_failure_is_shown_with_its_cure_and_gone_when_live(failure: SignFailed) -> None:
    story = watch(ScriptedSource(["7"], [failure, [1e9]]), seconds=300)

    assert story.errors() == {failure.code}
    assert failure.detail in {status.error for status in story.statuses}
    assert story.states[-2:] == ["live", "off"]
    assert story.statuses[-2].error is None


@pytest.mark.parametrize("failure", [SignFailed(), SignLimited(retry_after=30)])
def test_a_sign_server_in_trouble_is_waited_out_while_connecting(failure: SignFailed) -> None:
    story = watch(ScriptedSource(["7"], [failure, failure, failure, [1e9]]), seconds=900)

    assert story.states == ["connecting", "live", "off"]


def test_a_blocked_connection_is_a_failure_tried_again_after_minutes() -> None:
    source = ScriptedSource(["7"], [Blocked()])

    story = watch(source, seconds=3600)

    assert "failed" in story.states
    assert len(source.connected_at) <= 60


def test_an_unknown_streamer_is_a_failure_looked_at_rarely() -> None:
    source = ScriptedSource([UnknownStreamer()])

    story = watch(source, seconds=3600)

    assert story.statuses[-2].state is LiveState.FAILED
    assert len(source.looked_at) == 6


def test_an_unknown_streamer_is_looked_at_when_live_is_pressed() -> None:
    source = ScriptedSource([UnknownStreamer(), "7"])

    async def press(supervisor: Supervisor) -> None:
        supervisor.check_now()
        await asyncio.sleep(0.1)

    assert watch(source, seconds=10, then=press).told == ["began 7", "ended"]


def test_an_honest_back_off_is_kept_and_shown() -> None:
    source = ScriptedSource(["7"], [trouble(SignLimited, 300), [1e9]])

    story = watch(source, seconds=100)

    assert story.statuses[-2].expected_wait_seconds == 200
    assert len(source.connected_at) == 1


def test_after_an_honest_back_off_the_connection_is_made() -> None:
    source = ScriptedSource(["7"], [trouble(SignLimited, 300), [1e9]])

    watch(source, seconds=400)

    assert source.connected_at[1][0] == pytest.approx(300, abs=1)


def test_a_limited_sign_server_holds_everybody_but_drops_nobody_who_listens() -> None:
    listening, stopped = Story(), Story()

    async def scenario() -> None:
        budgets, clock = scarce(), LoopClock()
        healthy = ScriptedSource(["7"])
        limited = ScriptedSource(["8"], [trouble(SignLimited, 1000)])
        async with asyncio.TaskGroup() as group:
            first = Supervisor("anna", healthy, listening, budgets, clock, listening.changed)
            second = Supervisor("bert", limited, stopped, budgets, clock, stopped.changed)
            running = [group.create_task(one.run()) for one in (first, second)]
            await asyncio.sleep(900)
            listening.statuses.append(first.status)
            stopped.statuses.append(second.status)
            for task in running:
                task.cancel()

    run(scenario())

    assert listening.told == ["began 7", "ended"]
    assert listening.statuses[-2].state is LiveState.LIVE
    assert stopped.statuses[-2].error_code == "sign_limited"


def test_who_waits_for_a_signature_is_told_how_long() -> None:
    story = Story()

    async def scenario() -> None:
        budgets = scarce()
        for _ in range(8 + 16):
            budgets.signatures.line_up()
        supervisor = Supervisor("anna", ScriptedSource(["7"]), story, budgets, LoopClock(), story.changed)
        running = asyncio.create_task(supervisor.run())
        await asyncio.sleep(1)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    run(scenario())

    assert 179 <= (story.statuses[-2].expected_wait_seconds or 0) <= 180


def test_a_room_is_looked_up_again_after_a_long_wait_for_a_signature() -> None:
    source = ScriptedSource(["7", "8"])

    async def scenario() -> Story:
        budgets, story = scarce(), Story()
        for _ in range(8 + 8):
            budgets.signatures.line_up()
        supervisor = Supervisor("anna", source, story, budgets, LoopClock(), story.changed)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(200):
                await supervisor.run()
        return story

    assert run(scenario()).told == ["began 8", "ended"]


def test_an_unforeseen_error_is_survived() -> None:
    story = watch(ScriptedSource(["7"], [RuntimeError("bug"), [1e9]]), seconds=100)

    assert story.told == ["began 7", "ended"]


def test_the_status_tells_room_viewers_and_last_frame() -> None:
    counted = Frame("msg", events=[ViewersCounted(5, 0, 42, 900)])

    status = watch(ScriptedSource(["7"], [[50.0, counted, 1e9]]), seconds=80).statuses[-2]

    assert (status.room_id, status.viewers) == ("7", 42)
    assert status.last_frame_at is not None
    assert (status.last_frame_at - START).total_seconds() == 50


def test_nothing_of_a_room_is_left_in_the_status_when_it_is_over() -> None:
    counted = Frame("msg", events=[ViewersCounted(5, 0, 42, 900)])

    status = watch(ScriptedSource(["7", Offline()], [[counted, END]]), seconds=80).statuses[-2]

    assert (status.state, status.room_id, status.viewers) == (LiveState.WAITING, None, None)
