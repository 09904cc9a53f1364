"""A small app for the stack's own tests: it answers Event Grid and lets viewers in, no more."""

import json
import os

import azure.functions as func
from azure.core.credentials import AzureKeyCredential
from azure.messaging.webpubsubservice import WebPubSubServiceClient

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.event_grid_trigger(arg_name="event")
def incoming_call(event: str) -> None:
    """Take the event and leave the call ringing."""


@app.route("api/calls/{call_id}/live", methods=["POST"])
def live(req: func.HttpRequest) -> func.HttpResponse:
    """Give access to the group of one call."""
    with WebPubSubServiceClient(
        os.environ["WEBPUBSUB_ENDPOINT"],
        "live",
        AzureKeyCredential(os.environ["WEBPUBSUB_ACCESS_KEY"]),
    ) as service:
        token = service.get_client_access_token(groups=[req.route_params["call_id"]])
    return func.HttpResponse(json.dumps({"url": token["url"]}), mimetype="application/json")
