"""`ttboost live …`"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ttboost.commands.running import ConfigFile, example, group

if TYPE_CHECKING:
    from core.config import Config
    from core.live.inspection import Inspection
    from core.live.source import LiveStatus

app = group("Recordings of LIVEs.")


@app.command(epilog=example("live record streamer123 --out evening.frames"))
def record(
    unique_id: Annotated[str, typer.Argument(metavar="UNIQUE_ID", help="The TikTok handle.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to; .gz is compressed.")],
    config: ConfigFile = None,
) -> None:
    """Write down what TikTok sends until the LIVE ends or Ctrl-C is pressed."""
    import asyncio

    from core import usernames
    from core.config import load
    from ttboost import logs

    logs.configure()
    handle = usernames.normalise(unique_id, "unique_id")
    frames = asyncio.run(_record(load(config), handle, out))
    typer.echo(f"{out}: {frames} frames" if frames is not None else f"{out}: stopped")


async def _record(config: "Config", unique_id: str, out: Path) -> int | None:
    """None: stopped by a signal; what was written stays."""
    import asyncio
    import signal

    from core.clock import Clock
    from core.errors import Unavailable
    from core.live import recorder
    from ttboost.wiring import live_source

    clock, loop, until_told = Clock(), asyncio.get_running_loop(), asyncio.timeout(None)
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, until_told.reschedule, loop.time())
    refusals: list[str] = []

    def tell(status: "LiveStatus") -> None:
        if status.state == "failed":  # somebody has to do something first: no use in waiting here
            refusals.append(status.error or "the LIVE cannot be recorded")
            until_told.reschedule(loop.time())
        elif status.state == "waiting":
            typer.echo(f"{unique_id} is not LIVE: waiting, Ctrl-C ends it", err=True)

    try:
        async with until_told, live_source(config, clock) as (source, budgets):
            return await recorder.record(unique_id, out, source, budgets, clock, tell)
    except TimeoutError:
        if refusals:
            raise Unavailable(refusals[0]) from None
        return None


@app.command(epilog=example("live inspect evening.frames"))
def inspect(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A recording.")], config: ConfigFile = None
) -> None:
    """Count what a recording holds."""
    from core.config import load
    from core.live.inspection import inspect as inspect_recording

    load(config)
    for line in lines(inspect_recording(file)):
        typer.echo(line)


def lines(found: "Inspection") -> list[str]:
    facts = {
        "streamer": found.unique_id,
        "room": found.room_id,
        "started": found.started_at.isoformat(),
        "seconds": f"{found.seconds:.1f}",
        "frames": _counts(found.frames),
        "messages": _counts(found.messages),
        "events": _counts(found.events),
        "doubles": found.doubles,
        "repeated chat": found.repeated_chat,
        "likes": found.likes,
        "viewers": found.viewers,
        "most viewers at once": found.most_viewers,
        "unreadable messages": found.unreadable,
        "broken lines": found.bad_count,
    }
    gifts = [
        f"gift: {gift.name} ({gift.gift_id}) of {gift.diamonds}: {gift.count} in {gift.streaks} streaks"
        for gift in found.gifts
    ]
    broken = [f"line {line.number}: {line.reason}" for line in found.bad_lines]
    return [*(f"{name}: {value}" for name, value in facts.items()), *gifts, *broken]


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in numbers.items()) or "none"
