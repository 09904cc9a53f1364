import pytest

from callscribe.trust.origins import allowed_origin


class TestOrigin:
    @pytest.mark.parametrize(
        ("origin", "host"),
        [
            ("x.webpubsub.azure.com", "x.webpubsub.azure.com"),
            ("X.WebPubSub.Azure.com", "https://x.webpubsub.azure.com"),
            ("https://x.webpubsub.azure.com/", "x.webpubsub.azure.com:443"),
            ("localhost", "http://localhost:8080"),
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("localhost:9999", "http://127.0.0.1:8080"),
        ],
    )
    def test_our_own_web_pubsub_may_validate(self, origin: str, host: str) -> None:
        assert allowed_origin(origin, host) == origin

    @pytest.mark.parametrize(
        "origins",
        [
            "x.webpubsub.azure.com, x-replica.webpubsub.azure.com",
            "stream.example.com,x.webpubsub.azure.com",
            "stream.example.com ,\tx.webpubsub.azure.com ",
            "x.webpubsub.azure.com,x.webpubsub.azure.com",
        ],
    )
    def test_of_several_the_one_that_is_ours_is_allowed(self, origins: str) -> None:
        assert allowed_origin(origins, "https://x.webpubsub.azure.com") == "x.webpubsub.azure.com"

    @pytest.mark.parametrize(
        "origin",
        [
            "",
            "*",
            "y.webpubsub.azure.com",
            "x.webpubsub.azure.com.evil",
            "evil-x.webpubsub.azure.com",
            "evil.example, y.webpubsub.azure.com",
            ",",
            "x.webpubsub.azure.com@evil.example",
            "x.webpubsub.azure.com:443:evil.example",
            "https://evil.example//x.webpubsub.azure.com",
            "x.webpubsub.azure.com/evil",
            "x.webpubsub.azure.com\n",
            "javascript://x.webpubsub.azure.com",
        ],
    )
    def test_nobody_else_may(self, origin: str) -> None:
        assert allowed_origin(origin, "x.webpubsub.azure.com") is None

    def test_a_host_that_is_none_allows_nobody(self) -> None:
        assert allowed_origin("", "") is None
        assert allowed_origin("not a host", "not a host") is None
