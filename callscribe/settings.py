"""The environment as one frozen object; what is missing or malformed is named all at once.

No message ever holds a value: settings include keys. docs/architecture.md explains each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

_LARGEST = 1e9
ACS_ISSUER = "https://acscallautomation.communication.azure.com"


class SettingsError(Exception):
    """The app cannot start: every setting that is wrong, and what was expected of it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("settings to mend:\n  " + "\n  ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Times:
    """Durations in seconds: how long is waited for what."""

    answer_lease: float
    answer_until: float
    storage_patience: float
    confirm: float
    quiet: float
    finish_delay: float
    gap: float


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that the app is told from outside. Keys are empty where identity is used."""

    storage_connection: str = field(repr=False)
    storage_account: str
    acs_endpoint: str
    acs_access_key: str = field(repr=False)
    acs_resource_id: str
    acs_issuer: str
    acs_jwks_url: str
    cognitive_services_endpoint: str
    webpubsub_endpoint: str
    webpubsub_access_keys: tuple[str, ...] = field(repr=False)
    webpubsub_upstream_code: str = field(repr=False)
    stream_hub: str
    live_hub: str
    stream_token_minutes: int
    callback_base_url: str
    locale: str
    start_at_setup: bool
    intermediate: bool
    speech_model: str
    answer_numbers: frozenset[str]
    times: Times


def load(environ: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingsError naming every one that is wrong, without values."""
    read = _Reader(environ)
    settings = Settings(
        storage_connection=environ.get("TranscriptStorage", ""),
        storage_account=environ.get("TranscriptStorage__accountName", ""),
        acs_endpoint=read.url("ACS_ENDPOINT"),
        acs_access_key=read.text("ACS_ACCESS_KEY", ""),
        acs_resource_id=read.text("ACS_RESOURCE_ID"),
        acs_issuer=read.text("ACS_ISSUER", ACS_ISSUER),
        acs_jwks_url=read.url("ACS_JWKS_URL", f"{ACS_ISSUER}/calling/keys"),
        cognitive_services_endpoint=read.text("COGNITIVE_SERVICES_ENDPOINT"),
        webpubsub_endpoint=read.url("WEBPUBSUB_ENDPOINT"),
        webpubsub_access_keys=read.items("WEBPUBSUB_ACCESS_KEY"),
        webpubsub_upstream_code=read.text("WEBPUBSUB_UPSTREAM_CODE", ""),
        stream_hub=read.text("WEBPUBSUB_STREAM_HUB", "stream"),
        live_hub=read.text("WEBPUBSUB_LIVE_HUB", "live"),
        stream_token_minutes=int(read.number("WEBPUBSUB_STREAM_TOKEN_MINUTES", 1440)),
        callback_base_url=read.url("CALLBACK_BASE_URL", _own_address(environ)),
        locale=read.text("TRANSCRIPTION_LOCALE", "en-US"),
        start_at_setup=read.choice("TRANSCRIPTION_START", ("setup", "connected")) == "setup",
        intermediate=read.choice("TRANSCRIPTION_INTERMEDIATE", ("true", "false")) == "true",
        speech_model=read.text("SPEECH_MODEL_ENDPOINT_ID", ""),
        answer_numbers=frozenset(read.items("ANSWER_NUMBERS")),
        times=Times(
            answer_lease=read.number("ANSWER_LEASE_SECONDS", 8),
            answer_until=read.number("ANSWER_UNTIL_SECONDS", 25),
            storage_patience=read.number("STORAGE_PATIENCE_SECONDS", 45),
            confirm=read.number("CONFIRM_SECONDS", 30),
            quiet=read.number("QUIET_SECONDS", 120),
            finish_delay=read.number("FINISH_DELAY_SECONDS", 60),
            gap=read.number("GAP_SECONDS", 2),
        ),
    )
    problems = read.problems + _contradictions(environ, settings)
    if problems:
        raise SettingsError(problems)
    return settings


class _Reader:
    """Reads single settings and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self._environ.get(name, "").strip()
        if not value and default is None:
            self.problems.append(f"{name}: missing")
        return value or default or ""

    def url(self, name: str, default: str | None = None) -> str:
        value = self.text(name, default).rstrip("/")
        if value and not (urlsplit(value).scheme in ("http", "https") and urlsplit(value).netloc):
            self.problems.append(f"{name}: expected an http or https address")
        return value

    def number(self, name: str, default: float) -> float:
        text = self.text(name, str(default))
        try:
            value = float(text)
        except ValueError:
            value = 0
        if not 0 < value < _LARGEST:  # refuses NaN and infinity too
            self.problems.append(f"{name}: expected a number above 0")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, allowed[0]).lower()
        if value == "manual":
            self.problems.append(f"{name}: manual needs control_transcription, which is not built")
        elif value not in allowed:
            self.problems.append(f"{name}: expected {' or '.join(allowed)}")
        return value

    def items(self, name: str) -> tuple[str, ...]:
        return tuple(
            item.strip() for item in self._environ.get(name, "").split(",") if item.strip()
        )


def _own_address(environ: Mapping[str, str]) -> str | None:
    host = environ.get("WEBSITE_HOSTNAME", "")
    if not host:
        return None
    scheme = "http" if host.split(":")[0] in ("localhost", "127.0.0.1") else "https"
    return f"{scheme}://{host}"


def _contradictions(environ: Mapping[str, str], settings: Settings) -> list[str]:
    problems = []
    if not settings.storage_connection and not settings.storage_account:
        problems.append("TranscriptStorage or TranscriptStorage__accountName: missing")
    entra = [name for name in environ if name.startswith("WEBPUBSUB_UPSTREAM_")]
    entra = [name for name in entra if name != "WEBPUBSUB_UPSTREAM_CODE" and environ[name]]
    problems += [f"{name}: upstream by Entra token is not built yet" for name in sorted(entra)]
    if not (settings.webpubsub_upstream_code and settings.webpubsub_access_keys):
        problems.append(
            "WEBPUBSUB_UPSTREAM_CODE with WEBPUBSUB_ACCESS_KEY: missing, "
            "and without them nothing proves who sends the stream's events"
        )
    return problems
