import os
from datetime import UTC, datetime

import pytest

from wxlogin.login.avatars import new_avatar_id


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def at() -> datetime:
    return datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def avatar_id() -> str:
    return new_avatar_id(os.urandom)
