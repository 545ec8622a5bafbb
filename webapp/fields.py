"""Types that bodies and queries share."""

from typing import Annotated

from msgspec import Meta, Struct

Moment = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, description="ISO 8601, UTC, with `Z`")
]
Money = Annotated[float, Meta(extra_json_schema={"multipleOf": 0.01})]
Password = Annotated[str, Meta(max_length=1024)]
Username = Annotated[str, Meta(max_length=64, description="The TikTok handle, with or without `@`")]
TiktokName = Annotated[str, Meta(max_length=500, description="The TikTok handle, or a link to the profile")]


class Done(Struct, frozen=True):
    status: str = "ok"


class Page(Struct, frozen=True):
    limit: Annotated[int, Meta(ge=1, le=500)] = 50
    offset: Annotated[int, Meta(ge=0, le=1_000_000)] = 0
