"""What the switches change: how many resources there are, and where they lie."""

import re

import pytest

from tests.infra.bicep import MAIN, predicted

SUBSCRIPTION = re.compile(r"^/subscriptions/[0-9a-f-]+-(\d{12})/resourceGroups/([\w-]+)/")
TOPICS = "Microsoft.EventGrid/systemTopics"
ACS = "Microsoft.Communication/communicationServices"
LOGS = "Microsoft.Insights/diagnosticSettings"


def _place(resource_id: str) -> tuple[int, str]:
    """Return the number of a subscription, and the group."""
    match = SUBSCRIPTION.match(resource_id)
    assert match
    return int(match[1]), match[2]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("plain", 53),
        ("existing-acs", 51),
        ("existing-topic", 49),
        ("everything", 56),
        ("ticket", 53),
        ("smallest", 52),
        ("wiring", 3),
        ("wiring-ticket", 3),
    ],
)
def test_so_many_resources_are_made(name: str, count: int) -> None:
    assert len(predicted(name).resources) == count


@pytest.mark.parametrize(
    ("name", "acs", "topics"),
    [("plain", 1, 1), ("existing-acs", 0, 1), ("existing-topic", 0, 0), ("everything", 1, 1)],
)
def test_what_exists_is_not_modified(name: str, acs: int, topics: int) -> None:
    assert (len(predicted(name).of(ACS)), len(predicted(name).of(TOPICS))) == (acs, topics)


def test_a_new_topic_lies_beside_its_source() -> None:
    """Event Grid takes no topic in another subscription than that of its source."""
    for name, place in (("plain", (1, "rg-test")), ("existing-acs", (2, "rg-phones"))):
        topic = predicted(name).only(TOPICS)
        assert _place(topic.id) == _place(topic.properties["source"]) == place


def test_outside_the_group_there_are_a_topic_and_its_log_alone() -> None:
    """And the app's role, whose id only Azure can tell."""
    for name, outside in (
        ("plain", set()),
        ("existing-acs", {TOPICS, LOGS}),
        ("existing-topic", set()),
    ):
        known = [each for each in predicted(name).resources if SUBSCRIPTION.match(each.id)]
        found = {each.type for each in known if _place(each.id) != (1, "rg-test")}
        assert found == outside


def test_the_wiring_is_told_which_topic() -> None:
    topics = {name: predicted(name).outputs["AZURE_EVENT_TOPIC"] for name in MAIN}
    assert topics["plain"] == predicted("plain").only(TOPICS).id
    assert topics["existing-acs"] == predicted("existing-acs").only(TOPICS).id
    assert topics["existing-topic"].endswith("/rg-events/providers/" + TOPICS + "/evgt-phones")


def test_the_log_of_a_topic_can_be_left_out() -> None:
    scopes = [each.id for each in predicted("smallest").of(LOGS) if f"/{TOPICS}/" in each.id]
    assert scopes == []
    assert len([each for each in predicted("plain").of(LOGS) if f"/{TOPICS}/" in each.id]) == 1


def test_a_region_has_one_set_of_names_however_it_is_written() -> None:
    sites = [predicted(name).only("Microsoft.Web/sites") for name in ("plain", "ticket")]
    assert [each.body["location"] for each in sites] == ["westeurope", "West Europe"]
    assert sites[0].name == sites[1].name
