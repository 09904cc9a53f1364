"""The settings as the values that services take. Each is imported where it is needed, as they are.

Bootstrap alone asks for them, and tests that put services together themselves.
"""

import hashlib
from typing import TYPE_CHECKING

from callscribe.settings.settings import Settings

if TYPE_CHECKING:
    from callscribe.calls.answering import AnswerOptions
    from callscribe.calls.beginnings import Beginning
    from callscribe.calls.placing import PlaceOptions
    from callscribe.cloud.call_automation import CallOptions
    from callscribe.cloud.clients import Resources
    from callscribe.trust.signatures import Marks


def answer_options(settings: Settings) -> "AnswerOptions":
    """Return how calls are answered."""
    from callscribe.calls.answering import AnswerOptions

    return AnswerOptions(
        numbers=settings.answer_numbers,
        beginning=beginning(settings),
        lease=settings.times.answer_lease,
        until=settings.times.answer_until,
        deployment=deployment_of(settings),
        tickets=settings.times.address if settings.by_ticket else None,
    )


def place_options(settings: Settings) -> "PlaceOptions":
    """Return how calls are placed."""
    from callscribe.calls.placing import PlaceOptions

    return PlaceOptions(
        beginning=beginning(settings),
        caller_id=settings.caller_id,
        allow=settings.dial_allow,
        deployment=deployment_of(settings),
        address=settings.times.address,
        tickets=settings.by_ticket,
    )


def beginning(settings: Settings) -> "Beginning":
    """Return how the transcription of calls begins that say nothing else."""
    from callscribe.calls.beginnings import Beginning, Start
    from callscribe.calls.wish import Language

    return Beginning(Language(settings.locale, settings.speech_model), Start(settings.start))


def deployment_of(settings: Settings) -> str:
    """Return whose calls are ours: other deployments on one storage account are left alone."""
    return hashlib.sha256(settings.acs_resource_id.encode()).hexdigest()[:16]


def marks(settings: Settings) -> "Marks":
    """Return how connections are marked: where Entra proves who sends the marks, without a key."""
    from callscribe.trust.signatures import Marks

    return Marks(settings.webpubsub_access_keys if settings.entra is None else ())


def call_options(settings: Settings) -> "CallOptions":
    """Return what is the same in every request to ACS."""
    from callscribe.cloud.call_automation import CallOptions

    return CallOptions(
        callback_base_url=settings.callback_base_url,
        cognitive_services_endpoint=settings.cognitive_services_endpoint,
        intermediate=settings.intermediate,
    )


def resources(settings: Settings) -> "Resources":
    """Return where the services are, and the keys to them."""
    from callscribe.cloud.clients import Resources

    return Resources(
        storage_connection=settings.storage_connection,
        storage_account=settings.storage_account,
        acs_endpoint=settings.acs_endpoint,
        acs_access_key=settings.acs_access_key,
        webpubsub_endpoint=settings.webpubsub_endpoint,
        webpubsub_access_keys=settings.webpubsub_access_keys,
    )
