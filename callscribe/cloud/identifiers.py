"""Raw ids as the identifiers of the SDK.

https://learn.microsoft.com/azure/communication-services/concepts/identifiers
"""

from azure.communication.callautomation import (
    CommunicationCloudEnvironment,
    CommunicationIdentifier,
    CommunicationUserIdentifier,
    MicrosoftTeamsAppIdentifier,
    MicrosoftTeamsUserIdentifier,
    PhoneNumberIdentifier,
)

# By what follows `8:` or `28:` in a raw id.
_CLOUDS = {
    "orgid": CommunicationCloudEnvironment.PUBLIC,
    "dod": CommunicationCloudEnvironment.DOD,
    "gcch": CommunicationCloudEnvironment.GCCH,
}


def identifier_of(raw_id: str) -> CommunicationIdentifier:
    """Return the identifier of a number, a user of ACS, or a user or an app of Teams.

    The SDK's own function for this is private.
    """
    kind, _, rest = raw_id.partition(":")
    if kind == "4":
        return number_of(raw_id)
    cloud, _, name = rest.partition(":")
    if kind == "8" and cloud in _CLOUDS:
        return MicrosoftTeamsUserIdentifier(name, cloud=_CLOUDS[cloud])
    return teams_app_of(raw_id) if kind == "28" else CommunicationUserIdentifier(raw_id)


def number_of(raw_id: str) -> PhoneNumberIdentifier:
    """Return the identifier of a phone number."""
    return PhoneNumberIdentifier(raw_id.removeprefix("4:"))


def teams_app_of(raw_id: str) -> MicrosoftTeamsAppIdentifier:
    """Return the identifier of an app of Teams, such as a resource account."""
    cloud, _, app_id = raw_id.removeprefix("28:").partition(":")
    return MicrosoftTeamsAppIdentifier(app_id, cloud=_CLOUDS[cloud])
