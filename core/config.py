"""Configuration: one TOML file and the environment, checked once, passed down.

An unknown key or a wrong value refuses to start and names the key. Nobody else
reads the environment.
"""

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from core.errors import Invalid

Port = Annotated[int, Field(ge=0, le=65535)]  # 0: any free one
Rate = Annotated[str, Field(pattern=r"^[1-9]\d*\s*/\s*(\d+\s*)?(second|minute|hour|day)s?$")]
Url = Annotated[str, Field(pattern=r"^https?://[^\s/?#]+[^\s]*$")]
Positive = Annotated[int, Field(gt=0)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(Section):
    host: str = "127.0.0.1"
    port: Port = 8080
    trusted_proxies: list[str] = []  # addresses or networks
    public_url: Url | None = None

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, url: str | None) -> str | None:
        return url.rstrip("/") if url else None


class DatabaseSection(Section):
    url: Annotated[str, Field(pattern=r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://")] | None = None


class Bus(Section):
    url: Annotated[str, Field(pattern=r"^(memory|redis|rediss)://")] = "memory://"


class Media(Section):
    url: Annotated[str, Field(pattern=r"^(file:|s3://)")] | None = None
    s3_endpoint: Url | None = None
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr | None = None
    s3_secret_key: SecretStr | None = None


class Auth(Section):
    token_ttl_hours: Annotated[float, Field(gt=0, le=24 * 365)] = 24
    init_data_max_age_seconds: Annotated[int, Field(gt=0, le=86_400)] = 3600


class Telegram(Section):
    token: SecretStr | None = None
    api_url: Url = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: SecretStr | None = None  # made once where it is not given
    admin_ids: list[int] = []
    stars_rate: Annotated[Decimal, Field(gt=0)] = Decimal(77)  # Stars for one unit of the currency


class Replay(Section):
    path: Path | None = None  # None: the demo that comes with the program
    speed: Annotated[float, Field(ge=0)] = 1.0  # 0: as fast as it goes
    loop: bool = True


class Tiktok(Section):
    web_url: Url = "https://www.tiktok.com"
    webcast_url: Url = "https://webcast.tiktok.com/webcast"
    sign_url: Url = "https://tiktok.eulerstream.com"
    sign_api_keys: list[SecretStr] = []
    proxy: str | None = None
    lookups_per_minute: Positive = 60  # live checks from this address, all streamers together
    signatures_per_minute: Positive = 8  # for each key, or without one

    @field_validator("web_url", "webcast_url", "sign_url")
    @classmethod
    def _without_slash(cls, url: str) -> str:
        return url.rstrip("/")


class Live(Section):
    source: Literal["tiktok", "replay"] = "tiktok"
    idle_grace_seconds: Annotated[float, Field(ge=0)] = 600
    silence_seconds: Annotated[float, Field(gt=0)] = 30  # without a frame: the socket is dead
    drain_seconds: Annotated[float, Field(ge=0)] = (
        7  # for giving streamers to other workers, when told to stop
    )
    replay: Replay = Replay()
    tiktok: Tiktok = Tiktok()


class Edge(Section):
    url: Url = "https://speech.platform.bing.com/consumer/speech/synthesize/readaloud"


class Azure(Section):
    key: SecretStr | None = None
    region: str | None = None
    url: Url | None = None  # None: the region's own address


class Speech(Section):
    engines: Annotated[list[Literal["azure", "edge", "espeak"]], Field(min_length=1)] = ["edge", "espeak"]
    edge: Edge = Edge()
    azure: Azure = Azure()
    hedge_after_seconds: Annotated[float, Field(gt=0)] = 4
    cache_bytes: Positive = 1_000_000_000
    workers: Annotated[int, Field(ge=1, le=16)] = 1  # eSpeak processes


class Sounds(Section):
    max_bytes: Positive = 10_000_000
    max_seconds: Annotated[float, Field(gt=0)] = 30
    quota_bytes: Positive = 200_000_000


class History(Section):
    retention_days: Positive = 14


class Plan(Section):
    title: str
    days: Positive = 30
    stars: Annotated[int, Field(ge=0)] = 0  # price; 0: not for sale
    tiktok_usernames: Positive = 3  # held at the same time
    tiktok_changes_per_month: Annotated[int, Field(ge=0)] = 30
    triggers: Positive = 200
    sound_quota_bytes: Positive | None = None  # None: sounds.quota_bytes
    speech_characters_per_day: Positive = 200_000
    trial_days: Annotated[int, Field(ge=0)] = 0  # one trial a Telegram account; 0: none


STANDARD: dict[str, Any] = {"title": "Standard", "trial_days": 3}
"""What the plan `standard` has beyond the defaults of all plans, also where its table is written in part."""


class Tier(Section):
    from_count: Positive
    per_thousand: Annotated[Decimal, Field(gt=0, decimal_places=2)]


class OperatorFulfilment(Section):
    url: Url | None = None
    secret: SecretStr | None = None
    allow_private: bool = False
    timeout_seconds: Annotated[float, Field(gt=0)] = 10


class Fulfilment(Section):
    operator: OperatorFulfilment = OperatorFulfilment()


class Orders(Section):
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    price_per_thousand: Annotated[Decimal, Field(gt=0, decimal_places=2)] = Decimal("3.50")
    tiers: list[Tier] = []
    minimum: Positive = 100
    maximum: Positive = 1_000_000
    provider: Literal["manual", "operator", "simulated"] = "manual"
    expire_after_hours: Annotated[float, Field(gt=0)] | None = None  # None: 72, `manual` two weeks

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.maximum < self.minimum:
            raise ValueError("maximum is below minimum")
        if len({tier.from_count for tier in self.tiers}) < len(self.tiers):
            raise ValueError("tiers: two begin at the same from_count")
        return self


class Referral(Section):
    percent: Annotated[Decimal, Field(ge=0, le=100)] = Decimal(10)  # of the first payment; 0: no rewards
    mature_days: Annotated[int, Field(ge=0, le=365)] = 21  # until when a refund takes the reward along


class Metrics(Section):
    token: SecretStr | None = None


class Webhooks(Section):
    enabled: bool = False


class Limits(Section):
    """Contract section 5, in `10/minute` notation."""

    auth: Rate = "10/minute"
    auth_ip: Rate = "60/minute"
    sounds_upload: Rate = "5/minute"
    triggers: Rate = "20/minute"
    v2_user: Rate = "600/minute"
    preview: Rate = "20/minute"
    live_start: Rate = "6/minute"
    api_public: Rate = "100/hour"
    api_user: Rate = "1000/hour"
    api_admin: Rate = "5000/hour"
    pages: Rate = "600/minute"  # of the Mini App, a user
    webhooks: Rate = "30/minute"


ENV_PREFIX = "TTBOOST__"


class _Environment(EnvSettingsSource):
    """Refuses variables of ours that name no section: pydantic would pass over them in silence."""

    def __call__(self) -> dict[str, Any]:
        for name in self.env_vars:  # folded to lower case
            section = name.removeprefix(ENV_PREFIX.lower()).split("__")[0]
            if name.startswith(ENV_PREFIX.lower()) and section not in self.settings_cls.model_fields:
                raise Invalid(f"environment: {name.upper()}: there is no {section}", field=section)
        return super().__call__()


class Config(BaseSettings):
    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=ENV_PREFIX, env_nested_delimiter="__"
    )

    data_dir: Path = Path("data")
    web: Web = Web()
    database: DatabaseSection = DatabaseSection()
    bus: Bus = Bus()
    media: Media = Media()
    auth: Auth = Auth()
    telegram: Telegram = Telegram()
    live: Live = Live()
    speech: Speech = Speech()
    sounds: Sounds = Sounds()
    history: History = History()
    plans: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")], Plan] = {
        "standard": Plan(**STANDARD)
    }
    orders: Orders = Orders()
    fulfilment: Fulfilment = Fulfilment()
    referral: Referral = Referral()
    metrics: Metrics = Metrics()
    webhooks: Webhooks = Webhooks()
    limits: Limits = Limits()

    @field_validator("plans", mode="before")
    @classmethod
    def _with_what_standard_has(cls, plans: Any) -> Any:
        written = plans.get("standard") if isinstance(plans, dict) else None
        return plans | {"standard": STANDARD | written} if isinstance(written, dict) else plans

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite+aiosqlite:///{self.data_dir / 'ttboost.db'}"

    @property
    def media_url(self) -> str:
        return self.media.url or f"file:{self.data_dir / 'media'}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file, which arrives as keyword arguments."""
        return _Environment(settings_cls), init_settings


def load(path: Path | None = None, **overrides: Any) -> Config:
    """The checked configuration of `path` (none: defaults), the environment over it, `overrides` over both.

    Raises `Invalid` naming the first wrong key.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8")) if path else {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"cannot read {path}: {_one_line(error)}") from error
    try:
        config = Config(**table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise Invalid(f"configuration: {key}: {_one_line(first['msg'])}", field=key) from error
    except SettingsError as error:
        raise Invalid(f"environment: {_one_line(error)}") from error
    return config.model_copy(update=overrides) if overrides else config


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
