"""Keys are published where the service publishes them, and can be replaced."""

import jwt

from .stacks import Stack


async def test_the_configuration_leads_to_the_keys(acs: Stack) -> None:
    address = f"{acs.url}/calling/.well-known/acsopenidconfiguration"
    async with acs.http.get(address) as response:
        configuration = await response.json()
    assert configuration["issuer"] == acs.settings.issuer
    async with acs.http.get(configuration["jwks_uri"]) as response:
        [key] = (await response.json())["keys"]
    assert key["kid"]
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")
    assert "d" not in key


async def test_a_new_key_takes_the_place_of_the_old_one(acs: Stack) -> None:
    async def key_id() -> str:
        async with acs.http.get(f"{acs.url}/calling/keys") as response:
            [key] = (await response.json())["keys"]
        return str(key["kid"])

    before = await key_id()
    await acs.control("POST", "keys/rotate")
    after = await key_id()
    assert before != after
    await acs.talk()
    await acs.peer.callback("CallConnected")
    token = acs.peer.callbacks[0][0]["Authorization"].removeprefix("Bearer ")
    assert jwt.get_unverified_header(token)["kid"] == after
