"""The environment as one frozen object; all that is missing or malformed is named at once.

No message holds a value: settings include keys. docs/settings.md explains each setting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from callscribe.foundation.errors import NotConfiguredError
from callscribe.foundation.moments import Seconds
from callscribe.settings import environment as kinds
from callscribe.settings.environment import Reader

# Who signs the tokens of ACS's callbacks:
# https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
ACS_ISSUER = "https://acscallautomation.communication.azure.com"
ENTRA = "https://login.microsoftonline.com"
# In Azure these prove who sends the stream's events, all three together.
BY_TOKEN = (
    "WEBPUBSUB_UPSTREAM_AUDIENCE",
    "WEBPUBSUB_UPSTREAM_TENANT",
    "WEBPUBSUB_UPSTREAM_OBJECT_ID",
)
# On a developer's machine these prove it, both together.
BY_CODE = ("WEBPUBSUB_UPSTREAM_CODE", "WEBPUBSUB_ACCESS_KEY")


# The second report comes after ten times the delay; the queue holds a message for a week at most.
FINISH_DELAY = kinds.spans("seconds", 1, 600)
GAP = kinds.spans("seconds", 0, 60)
LONGEST_CALL = kinds.spans("hours", 1, 31)
DIAL_AT_ONCE = kinds.numbers(1, 1_000)


@dataclass(frozen=True, slots=True)
class Times:
    """The spans of time that the services get.

    The first three are settings. The others are the same everywhere; only tests shorten them.
    """

    finish_delay: Seconds
    gap: Seconds
    longest_call: Seconds
    answer_lease: Seconds
    answer_until: Seconds

    @property
    def address(self) -> Seconds:
        """How long a stream's address holds: ACS may dial it again as long as a call is up.

        An hour more, for what is late.
        """
        return Seconds(self.longest_call + kinds.HOUR)


TIMES = Times(
    finish_delay=Seconds(60),
    gap=Seconds(2),
    longest_call=Seconds(30 * kinds.HOUR),
    answer_lease=Seconds(8),
    answer_until=Seconds(25),
)


@dataclass(frozen=True, slots=True)
class Entra:
    """Which Entra tokens prove that an event is Web PubSub's: those of its managed identity."""

    audiences: frozenset[str]
    tenant: str
    object_id: str
    issuers: frozenset[str]
    jwks_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the app.

    Where the app's identity is used, there is no connection string and there are no keys.
    """

    storage_connection: str | None = field(repr=False)
    storage_account: str | None
    acs_endpoint: str
    acs_access_key: str | None = field(repr=False)
    acs_resource_id: str
    acs_issuer: str
    acs_jwks_url: str
    cognitive_services_endpoint: str
    webpubsub_endpoint: str
    webpubsub_access_keys: tuple[str, ...] = field(repr=False)
    webpubsub_upstream_code: str | None = field(repr=False)
    entra: Entra | None
    stream_hub: str
    live_hub: str
    stream_admission: str
    stream_host: str | None
    callback_base_url: str
    public_base_url: str | None
    locale: str
    start: str
    intermediate: bool
    speech_model: str | None
    answer_numbers: frozenset[str]
    caller_id: str | None
    dial_allow: tuple[str, ...]
    dial_at_once: int
    times: Times

    @property
    def by_ticket(self) -> bool:
        """Whether streams are let in by the ticket in their address, not by a token."""
        return self.stream_admission == "ticket"


def load(environ: Mapping[str, str], times: Times = TIMES) -> Settings:
    """Read the settings; `times` has the spans that are no settings, and the others' defaults.

    Raises NotConfiguredError where any setting is missing, malformed, out of its range or
    contradicts another.
    """
    read = Reader(environ)
    settings = Settings(
        storage_connection=read.optional("TranscriptStorage", kinds.CONNECTION),
        storage_account=read.optional("TranscriptStorage__accountName", kinds.ACCOUNT),
        acs_endpoint=read.address("ACS_ENDPOINT"),
        acs_access_key=read.optional("ACS_ACCESS_KEY", kinds.BASE64_KEY),
        acs_resource_id=read.text("ACS_RESOURCE_ID", kinds.RESOURCE_ID),
        acs_issuer=read.text("ACS_ISSUER", kinds.ADDRESS, ACS_ISSUER),
        acs_jwks_url=read.address("ACS_JWKS_URL", f"{ACS_ISSUER}/calling/keys"),
        cognitive_services_endpoint=read.text("COGNITIVE_SERVICES_ENDPOINT", kinds.ADDRESS),
        webpubsub_endpoint=read.address("WEBPUBSUB_ENDPOINT"),
        webpubsub_access_keys=read.items("WEBPUBSUB_ACCESS_KEY", kinds.ACCESS_KEY),
        webpubsub_upstream_code=read.optional("WEBPUBSUB_UPSTREAM_CODE", kinds.CODE),
        entra=_entra(read),
        stream_hub=read.text("WEBPUBSUB_STREAM_HUB", kinds.HUB, "stream"),
        live_hub=read.text("WEBPUBSUB_LIVE_HUB", kinds.HUB, "live"),
        stream_admission=read.choice("WEBPUBSUB_STREAM_ADMISSION", ("token", "ticket")),
        stream_host=read.optional("WEBPUBSUB_STREAM_HOST", kinds.HOST),
        callback_base_url=read.address("CALLBACK_BASE_URL", _own_address(environ)),
        public_base_url=_public(read),
        locale=read.text("TRANSCRIPTION_LOCALE", kinds.LOCALE, "en-US"),
        start=read.choice("TRANSCRIPTION_START", ("setup", "connected", "manual")),
        intermediate=read.choice("TRANSCRIPTION_INTERMEDIATE", ("true", "false")) == "true",
        speech_model=read.optional("SPEECH_MODEL_ENDPOINT_ID", kinds.TEXT),
        answer_numbers=frozenset(read.items("ANSWER_NUMBERS", kinds.NUMBER)),
        caller_id=read.optional("CALLER_ID", kinds.CALLER_ID),
        dial_allow=read.items("DIAL_ALLOW", kinds.PREFIX),
        dial_at_once=read.number("DIAL_AT_ONCE", DIAL_AT_ONCE, 20),
        times=_times(read, times),
    )
    problems = read.problems + _missing_together(read) + _contradictions(read, settings)
    if problems:
        raise NotConfiguredError(problems)
    return settings


def _public(read: Reader) -> str | None:
    return read.address("PUBLIC_BASE_URL") if read.has("PUBLIC_BASE_URL") else None


def _entra(read: Reader) -> Entra | None:
    """Read which Entra identity Web PubSub has; None where nothing of that is set.

    Tokens hold ids in lower case. They have version 1 or 2, and each version its own issuer:
    https://learn.microsoft.com/entra/identity-platform/access-tokens#token-formats
    """
    overrides = ("WEBPUBSUB_UPSTREAM_ISSUER", "WEBPUBSUB_UPSTREAM_JWKS_URL")
    if not any(read.has(name) for name in (*BY_TOKEN, *overrides)):
        return None
    tenant = read.text("WEBPUBSUB_UPSTREAM_TENANT", kinds.GUID).lower()
    usual = (f"https://sts.windows.net/{tenant}/", f"{ENTRA}/{tenant}/v2.0")
    keys = f"{ENTRA}/{tenant}/discovery/v2.0/keys"
    return Entra(
        audiences=frozenset(read.listed("WEBPUBSUB_UPSTREAM_AUDIENCE", kinds.TEXT)),
        tenant=tenant,
        object_id=read.text("WEBPUBSUB_UPSTREAM_OBJECT_ID", kinds.GUID).lower(),
        issuers=frozenset(read.items("WEBPUBSUB_UPSTREAM_ISSUER", kinds.ADDRESS) or usual),
        jwks_url=read.address("WEBPUBSUB_UPSTREAM_JWKS_URL", keys),
    )


def _times(read: Reader, usual: Times) -> Times:
    return replace(
        usual,
        finish_delay=read.seconds("FINISH_DELAY_SECONDS", FINISH_DELAY, usual.finish_delay),
        gap=read.seconds("GAP_SECONDS", GAP, usual.gap),
        longest_call=read.hours("LONGEST_CALL_HOURS", LONGEST_CALL, usual.longest_call),
    )


def _own_address(environ: Mapping[str, str]) -> str | None:
    # Set by the Functions host: the name under which it is reached.
    host = environ.get("WEBSITE_HOSTNAME", "").strip()
    if not host:
        return None
    scheme = "http" if host.split(":")[0] in ("localhost", "127.0.0.1") else "https"
    return f"{scheme}://{host}"


def _missing_together(read: Reader) -> list[str]:
    """Name what is missing where one of two settings is enough, or several are needed together."""
    problems = []
    if not (read.has("TranscriptStorage") or read.has("TranscriptStorage__accountName")):
        problems.append(
            "TranscriptStorage: missing; expected a storage connection string here, "
            "or the account's name in TranscriptStorage__accountName"
        )
    if not any(read.has(name) for name in BY_TOKEN):
        problems += [
            f"{name}: missing; {' and '.join(BY_CODE)} together prove who sends the stream's "
            f"events, and so do {', '.join(BY_TOKEN)}"
            for name in BY_CODE
            if not read.has(name)
        ]
    return problems


def _contradictions(read: Reader, settings: Settings) -> list[str]:
    problems = []
    if settings.entra and read.has("WEBPUBSUB_UPSTREAM_CODE"):
        problems.append(
            "WEBPUBSUB_UPSTREAM_CODE: the stream's events are proved by Entra's token; "
            "expected one of both"
        )
    if read.has("TranscriptStorage") and read.has("TranscriptStorage__accountName"):
        problems.append(
            "TranscriptStorage__accountName: TranscriptStorage is set too, and would win"
        )
    if settings.stream_hub.lower() == settings.live_hub.lower():
        problems.append("WEBPUBSUB_LIVE_HUB: expected another hub than WEBPUBSUB_STREAM_HUB")
    return problems
