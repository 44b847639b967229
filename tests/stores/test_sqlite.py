import os
from pathlib import Path

from wxlogin.login.ports import Store
from wxlogin.stores.opening import open_store
from wxlogin.stores.sealing import Key, KeyRing
from wxlogin.testing.stores import StoreConformance


class TestSqliteStore(StoreConformance):
    def make_store(self, tmp_path: Path) -> Store:
        keyring = KeyRing([Key("k1", os.urandom(32))])
        return open_store(f"sqlite:///{tmp_path}/wxlogin.db", keyring=keyring)
