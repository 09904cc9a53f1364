"""What was found wrong in what the templates would make, each held where it was mended."""

import re

from tests.infra.bicep import INFRA, read

MAIN = (INFRA / "main.bicep").read_text(encoding="utf-8")


def test_a_region_makes_the_same_names_however_it_is_written() -> None:
    assert read("main").variables["region"] == "toLower(replace(location, ' ', ''))"
    assert "uniqueString(subscription().id, groupName, region)" in MAIN


def test_a_new_topic_lies_where_its_source_does() -> None:
    """Event Grid refuses a system topic in another subscription or group than its source's."""
    variables, topic = read("main").variables, read("main").modules["newTopic"]
    assert "acsSubscription" in variables["topicSubscription"]
    assert "acsGroup" in variables["topicGroup"]
    assert topic.body["scope"] == "resourceGroup(topicSubscription, topicGroup)"


def test_the_topic_writes_dead_letters_and_nothing_else() -> None:
    assert read("modules/roles").resources["topicDeadLetters"].body["scope"] == "deadLetters"


def test_the_queue_is_named_in_both_ways_that_the_host_knows() -> None:
    settings = read("main").modules["functionApp"].body["params"]["settings"]
    assert settings["TranscriptStorage__accountName"] == "storage.outputs.name"
    assert settings["TranscriptStorage__queueServiceUri"] == "storage.outputs.queueEndpoint"


def test_azd_asks_for_no_audience_before_the_hook_that_makes_it() -> None:
    assert read("main").parameters["upstreamAudience"].default == ""
    source = (INFRA / "modules" / "function-app.bicep").read_text(encoding="utf-8")
    assert re.search(r"@minLength\(1\)\n  WEBPUBSUB_UPSTREAM_AUDIENCE: string", source)


def test_an_empty_number_filters_nothing() -> None:
    assert read("wiring").variables["numbers"].startswith("filter(")


def test_logs_of_the_topic_can_be_left_out() -> None:
    assert read("main").parameters["topicLogs"].default is True
    source = (INFRA / "modules" / "topic.bicep").read_text(encoding="utf-8")
    assert "= if (logged) {" in source
