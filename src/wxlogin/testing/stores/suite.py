"""What every part of the suite stands on: a store of one's own, opened."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from wxlogin.login.ports import Store


@pytest.mark.anyio
class Suite(ABC):
    """Some of the promises; `StoreConformance` is all of them."""

    @abstractmethod
    def make_store(self, tmp_path: Path) -> Store:
        """A new, empty store, not opened yet."""

    @pytest.fixture
    def anyio_backend(self) -> str:
        return "asyncio"

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        store = self.make_store(tmp_path)
        await store.open()
        yield store
        await store.close()
