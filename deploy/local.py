"""The processes of compose.yaml on this machine, without Docker: for a look at them and for tests.

Needs PostgreSQL and Redis; S3 is played by `moto_server` of the development requirements. There is no proxy:
each web process listens on a port of its own. Ctrl-C ends all of it. Example:

    .venv/bin/python deploy/local.py --port 8081
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

BIN = Path(sys.executable).parent
PROCESSES = {"web1": "web", "web2": "web", "live1": "live", "live2": "live", "bot": "bot", "jobs": "jobs"}
BUCKET = "ttboost"
READY_SECONDS = 60.0
STOP_SECONDS = 15.0

Environment = dict[str, str]


async def main() -> int:
    given = _arguments()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    given.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(s3(given.directory))
        environment = settings(given, endpoint)
        await make_database(given.database)
        await upgrade(environment)
        running = {}
        for number, (name, role) in enumerate(processes(environment).items()):
            port = {"TTBOOST__WEB__PORT": str(given.port and given.port + number)}
            command = (BIN / "ttboost", "serve", "--roles", role)
            one = child(command, environment | port, given.directory / name)
            running[name] = await stack.enter_async_context(one)
        for name, process in running.items():
            print(name, await ready(process, name), flush=True)
        print("all are ready", flush=True)
        is_over = asyncio.create_task(stop.wait())
        ends = [asyncio.create_task(process.wait()) for process in running.values()]
        # One that ends by itself takes the others with it.
        await asyncio.wait([is_over, *ends], return_when=asyncio.FIRST_COMPLETED)
        for name, process in running.items():
            if process.returncode is not None:
                print(f"{name} ended with {process.returncode}: look at its log", file=sys.stderr)
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
    return 0 if is_over.done() else 1


def processes(environment: Environment) -> dict[str, str]:
    """Without a token there is nothing for the bot to do."""
    has_bot = "TTBOOST__TELEGRAM__TOKEN" in environment
    return {name: role for name, role in PROCESSES.items() if role != "bot" or has_bot}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    postgres = "postgresql+asyncpg://postgres@127.0.0.1/ttboost_local"
    parser.add_argument("--database", default=postgres, help="made where it is not there")
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/9")
    parser.add_argument("--port", type=int, default=8081, help="of the first process; 0: any free ones")
    parser.add_argument("--directory", type=Path, default=Path("data/local"), help="secrets and logs")
    return parser.parse_args()


def settings(given: argparse.Namespace, endpoint: str) -> Environment:
    """TTBOOST__… of the caller stay: that is how a token is given."""
    return {
        **os.environ,
        "TTBOOST__DATA_DIR": str(given.directory),
        "TTBOOST__DATABASE__URL": given.database,
        "TTBOOST__BUS__URL": given.redis,
        "TTBOOST__MEDIA__URL": f"s3://{BUCKET}/media",
        "TTBOOST__MEDIA__S3_ENDPOINT": endpoint,
        "TTBOOST__MEDIA__S3_ACCESS_KEY": "local",
        "TTBOOST__MEDIA__S3_SECRET_KEY": "local",
    }


@asynccontextmanager
async def s3(directory: Path) -> AsyncIterator[str]:
    """Its address. What it holds is gone when it ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if not (BIN / "moto_server").exists():
        raise SystemExit("moto_server is missing: make .venv/.dev")
    command = (BIN / "moto_server", "--host", "127.0.0.1", "--port", str(port))
    async with child(command, dict(os.environ), directory / "s3"), aiohttp.ClientSession() as http:
        endpoint = f"http://127.0.0.1:{port}"
        async with asyncio.timeout(READY_SECONDS):
            while not await _made_bucket(http, f"{endpoint}/{BUCKET}"):
                await asyncio.sleep(0.2)
        yield endpoint


async def _made_bucket(http: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with http.put(url) as answer:
            return answer.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def make_database(url: str) -> None:
    wanted = make_url(url)
    engine = create_async_engine(wanted.set(database="postgres"), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        known = await connection.scalar(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": wanted.database}
        )
        if not known:
            await connection.execute(text(f'CREATE DATABASE "{wanted.database}"'))
    await engine.dispose()


async def upgrade(environment: Environment) -> None:
    process = await asyncio.create_subprocess_exec(BIN / "ttboost", "db", "upgrade", env=environment)
    if await process.wait() != 0:
        raise SystemExit("the schema cannot be made")


@asynccontextmanager
async def child(
    command: tuple[str | Path, ...], environment: Environment, log: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process in a session of its own, so that Ctrl-C is ours to hand on; its log goes to a file."""
    with log.with_suffix(".log").open("ab") as file:
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdout=asyncio.subprocess.PIPE, stderr=file, start_new_session=True
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def ready(process: asyncio.subprocess.Process, name: str) -> str:
    """The address it says."""
    assert process.stdout is not None
    async with asyncio.timeout(READY_SECONDS):
        async for line in process.stdout:
            if line.startswith(b"ready "):
                return line.decode().split()[1]
    raise SystemExit(f"{name} ended with {await process.wait()}: look at its log")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
