from pathlib import Path

from wxlogin.login.ports import Store
from wxlogin.stores.memory import MemoryStore
from wxlogin.testing.stores import StoreConformance


class TestMemoryStore(StoreConformance):
    def make_store(self, tmp_path: Path) -> Store:
        return MemoryStore()
