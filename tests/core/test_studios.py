"""All streamers of a process: who is opened, waited for, let go."""

import asyncio

import pytest

from core import licenses
from core.audit import Act
from core.errors import LicenseExpired, TiktokUsernameNotSet
from core.listener import Close, Listener, Place
from core.live.source import LiveState, LiveStatus
from storage.models import ChangeKind
from tests.webapp.conftest import *  # noqa: F403  the same services as the web's tests


@pytest.fixture
async def user_id(services, join):
    await join("host")
    async with services.db.read() as uow:
        return (await uow.accounts.get_by_username("host")).id


def state_of(studios, user_id):
    return studios._open[user_id].status.state


async def change(services, user_id, **settings):
    await services.accounts.update_settings(user_id, settings)


async def test_waiting_begins_when_it_is_wanted_and_nobody_is_there(services, studios, user_id):
    await change(services, user_id, auto_connect_live=True)

    await studios.reload(user_id)

    assert studios._open[user_id].is_on


async def test_another_processs_wish_to_wait_is_noticed(services, studios, user_id):
    await change(services, user_id, auto_connect_live=True)
    studios.noticed(user_id, ChangeKind.SETUP)

    await studios._take_changes()

    assert studios._open[user_id].is_on


async def test_saving_something_else_starts_nothing(services, studios, user_id):
    await change(services, user_id, tts_volume=5)

    await studios.reload(user_id)

    assert studios._open == {}


async def test_a_live_nobody_hears_ends_after_the_grace(services, studios, user_id, clock):
    await studios.start_live(user_id)
    clock.move(services.config.live.idle_grace_seconds + 1)

    await studios._review(clock.monotonic())

    assert (await studios.status(user_id)).state is LiveState.OFF


async def test_a_live_somebody_hears_goes_on(services, studios, user_id, clock):
    async with studios.listening(user_id, Listener(Place.OVERLAY, "http://x"), None):
        clock.move(services.config.live.idle_grace_seconds + 1)
        await studios._review(clock.monotonic())

        assert state_of(studios, user_id) is LiveState.CONNECTING


async def test_a_monitor_starts_nothing(studios, user_id):
    async with studios.listening(user_id, Listener(Place.MONITOR, "http://x"), None) as studio:
        assert not studio.is_on


async def test_an_unused_studio_is_closed_and_its_numbers_go_on(services, studios, user_id, clock):
    studio = await studios.open(user_id)
    studio.channel.last_seq += 7
    used = studio.channel.last_seq
    clock.move(10_000)
    await studios._review(clock.monotonic())
    await services.journal.flush()

    again = await studios.open(user_id)

    assert again is not studio
    assert again.channel.last_seq == used


async def test_two_who_open_at_once_get_the_same(studios, user_id):
    first, second = await asyncio.gather(studios.open(user_id), studios.open(user_id))

    assert first is second


async def test_a_license_that_ends_lets_the_live_finish_within_twelve_hours(
    services, studios, user_id, clock, live
):
    listener = Listener(Place.PLAYER, "http://x")
    async with studios.listening(user_id, listener, None) as studio:
        studio.began("7001", is_new=True)
        clock.move(30 * 86_400 + 3600)
        services.access.drop(user_id)
        await studios._review(clock.monotonic())
        assert studio.is_on

        clock.move(12 * 3600)
        services.access.drop(user_id)
        await studios._review(clock.monotonic())

        assert not studio.is_on
        assert studio.status.error == LicenseExpired.text
        assert listener._code == Close.LICENSE


async def test_a_license_that_ends_while_waiting_ends_the_waiting(services, studios, user_id, clock, live):
    live.status = LiveStatus(LiveState.WAITING, clock.now())
    await studios.start_live(user_id)
    clock.move(31 * 86_400)
    services.access.drop(user_id)

    await studios._review(clock.monotonic())

    assert (await studios.status(user_id)).state is LiveState.OFF


async def test_a_revoked_license_ends_a_running_live(services, studios, user_id, clock, live):
    live.status = LiveStatus(LiveState.LIVE, clock.now())
    await studios.start_live(user_id)
    async with services.db.begin() as uow:
        [key] = await uow.licenses.list_of_user(user_id)
        await licenses.revoke(uow, key, Act("cli", clock.now()))
    services.access.drop(user_id)
    studios.noticed(user_id, ChangeKind.ACCESS)

    await studios._take_changes()

    assert not studios._open[user_id].is_on


async def test_live_needs_a_name(services, studios, user_id):
    await change(services, user_id, tiktok_username=None)

    with pytest.raises(TiktokUsernameNotSet):
        await studios.start_live(user_id)


async def test_a_new_name_is_listened_to_instead(services, studios, user_id, live):
    await studios.start_live(user_id)

    await studios.start_live(user_id, "other")

    assert live.unique_id == "other"


async def test_no_new_live_begins_once_the_license_has_ended(services, studios, user_id, clock):
    async with studios.listening(user_id, Listener(Place.PLAYER, "http://x"), None) as studio:
        studio.began("7001", is_new=True)
        clock.move(30 * 86_400 + 60)
        services.access.drop(user_id)
        studios._tick(clock.monotonic())
        await studios._take_changes()
        assert studio.is_on

        studio.ended()
        studios._tick(clock.monotonic())
        await studios._take_changes()

        assert not studio.is_on
        assert studio.status.error_code == "license_expired"
