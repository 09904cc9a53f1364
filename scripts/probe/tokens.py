"""A client's token: signed here with the access key, or issued by Web PubSub for one's identity."""

from contextlib import AsyncExitStack

from azure.core.credentials import AzureKeyCredential
from azure.core.exceptions import AzureError, HttpResponseError
from azure.identity.aio import DefaultAzureCredential
from azure.messaging.webpubsubservice.aio import WebPubSubServiceClient

from scripts.probe.target import Target

MINUTES = 10


class NoTokenError(Exception):
    """There is no token; the message says why."""


async def client_token(target: Target, hub: str, user: str) -> str:
    """Return a token for the hub that names the user and grants nothing. Raises NoTokenError."""
    async with AsyncExitStack() as stack:
        if target.key:
            credential: AzureKeyCredential | DefaultAzureCredential = AzureKeyCredential(target.key)
        else:
            credential = await stack.enter_async_context(DefaultAzureCredential())
        client = WebPubSubServiceClient(target.endpoint, hub, credential, retry_total=1)
        await stack.enter_async_context(client)
        try:
            issued = await client.get_client_access_token(user_id=user, minutes_to_expire=MINUTES)
        except AzureError as error:
            raise NoTokenError(why_none(error)) from error
    return str(issued["token"])


def why_none(error: AzureError) -> str:
    """Return why there is no token, in one line."""
    if isinstance(error, HttpResponseError) and error.status_code:
        role = "needed is the role Web PubSub Service Owner"
        return f"no token: Web PubSub answered {error.status_code}; {role}"
    return f"no token: {str(error).splitlines()[0][:200]}"
