"""An issuer's keys in memory."""

from jwt import PyJWK

from callscribe.foundation.errors import KeysUnavailableError
from tests.fakes.orders import Orders


class FakeSigningKeys(Orders):
    """Keeps the promise of trust.signing_keys.SigningKeys.

    Keys that were seen once are known while the issuer is `down`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.published: dict[str, PyJWK] = {}
        self.down = False
        self._known: dict[str, PyJWK] = {}

    def has(self, key_id: str) -> bool:
        return key_id in self._known

    async def find(self, key_id: str) -> PyJWK | None:
        async with self.carry_out("find", key_id):
            if key_id not in self._known:
                if self.down:
                    raise KeysUnavailableError("down")
                self._known = dict(self.published)
            return self._known.get(key_id)
