"""A queue message as the host passes it to a worker.

https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.Queues/src/Triggers/QueueTriggerBinding.cs
"""

import base64
import binascii
import json
from datetime import datetime

from azure.storage.queue import QueueMessage

from emulator.functions_host.function import Function
from emulator.functions_host.messages import TypedData

# .NET's DateTimeOffset.MaxValue: the host's value for a time that the message does not have.
FOREVER = "9999-12-31T23:59:59.9999999+00:00"


class UndecodableError(Exception):
    """The message is not encoded as `messageEncoding` says, or is not a text."""


def body(message: QueueMessage, function: Function, *, encoded: bool) -> TypedData:
    """Return the content of a message: a text, unless the binding's data type is binary.

    Raises UndecodableError.
    """
    try:
        text = message.content
        content = base64.b64decode(text, validate=True) if encoded else text.encode()
        if str(function.trigger.get("dataType", "")).lower() == "binary":
            return TypedData(bytes=content)
        return TypedData(string=content.decode())
    except (binascii.Error, UnicodeError) as error:
        raise UndecodableError(str(error)) from error


def trigger_metadata(message: QueueMessage, data: TypedData) -> dict[str, TypedData]:
    """Return the properties that the storage service has given to the message."""
    metadata = {
        "DequeueCount": TypedData(json=json.dumps(message.dequeue_count)),
        "ExpirationTime": _moment(message.expires_on),
        "Id": TypedData(string=message.id),
        "InsertionTime": _moment(message.inserted_on),
        "NextVisibleTime": _moment(message.next_visible_on),
        "PopReceipt": TypedData(string=message.pop_receipt),
    }
    if data.kind == "string":
        metadata["QueueTrigger"] = data
    return metadata


def _moment(moment: datetime | None) -> TypedData:
    return TypedData(json=json.dumps(moment.isoformat() if moment else FOREVER))
