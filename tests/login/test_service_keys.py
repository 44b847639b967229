"""What a service key is made of, and what a made-up one costs."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from wxlogin.login import errors, tokens
from wxlogin.login.ports import Actor, ActorKind, Scope
from wxlogin.login.service_keys import LENGTH, ServiceKeys

OPERATOR = Actor(ActorKind.OPERATOR, "ops")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


@dataclass
class Shelf:
    """The port, and what it was asked for."""

    keys: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    async def add_service_key(self, key, *, told):
        self.keys[key.id] = key

    async def find_service_key(self, key_id):
        self.asked.append(key_id)
        return self.keys.get(key_id)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def service_keys(shelf):
    numbers = iter(range(1, 100))
    core = SimpleNamespace(
        store=shelf,
        now=lambda: NOW,
        new_id=lambda: tokens.new_id(NOW, next(numbers).to_bytes(10, "big")),
        new_text=lambda: tokens.urlsafe(next(numbers).to_bytes(32, "big")),
        told=lambda kind, **facts: None,
    )
    return ServiceKeys(core)


async def test_a_key_is_its_id_and_256_bits_of_which_only_the_hash_is_kept(service_keys, shelf):
    made = await service_keys.make("orders", ["introspect"], actor=OPERATOR)
    text = made.secret.reveal()
    assert len(text) == LENGTH
    assert text.startswith(f"wxk_{made.key.id}.")
    secret = text[41:]
    assert len(secret) == 43
    assert made.key.secret_hash == hashlib.sha256(secret.encode()).digest()
    assert secret not in repr(made) + str(made) + repr(shelf.keys)
    assert (await service_keys.authenticate(text)).scopes == {Scope.INTROSPECT}


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb"])
async def test_a_name_is_one_short_line(service_keys, name):
    with pytest.raises(errors.RequestInvalid):
        await service_keys.make(name, ["introspect"], actor=OPERATOR)


@pytest.mark.parametrize("scopes", [[], ["everything"], ["introspect", "*"], "introspect"])
async def test_a_key_has_one_scope_at_least_and_no_other_than_there_are(service_keys, scopes):
    with pytest.raises(errors.RequestInvalid):
        await service_keys.make("orders", scopes, actor=OPERATOR)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "wxk_",
        "x" * LENGTH,
        "wxk_" + "x" * 80,
        "wxl_" + "0" * 36 + "." + "A" * 43,
        "wxk_" + "0" * 36 + "." + "é" * 43,
        "wxk_" + "0" * 36 + "." + "A" * 44,
        "wxk_" + "0" * 10_000,
    ],
)
async def test_what_has_not_the_form_of_a_key_reaches_no_store(service_keys, shelf, text):
    with pytest.raises(errors.ServiceKeyInvalid):
        await service_keys.authenticate(text)
    assert shelf.asked == []


async def test_a_made_up_key_costs_one_read_by_primary_key(service_keys, shelf):
    made = await service_keys.make("orders", ["introspect"], actor=OPERATOR)
    wrong = made.secret.reveal()[:41] + "A" * 43
    for text in (f"wxk_{'0' * 36}.{'A' * 43}", wrong):
        shelf.asked.clear()
        with pytest.raises(errors.ServiceKeyInvalid):
            await service_keys.authenticate(text)
        assert shelf.asked == [text[4:40]]


async def test_every_request_asks_the_store(service_keys, shelf):
    text = (await service_keys.make("orders", ["introspect"], actor=OPERATOR)).secret.reveal()
    for _ in range(3):
        await service_keys.authenticate(text)
    assert len(shelf.asked) == 3
