"""The extras of wxlogin, written at build time.

`[demo]` needs two more programs of this repository. In a checkout they are taken
from their folders, so that `pip install ".[demo]"` works from a fresh clone. In a source
distribution those folders are absent, and for a release `RELEASE_BUILD` is set: then the
extra names released versions, and no folder of whoever builds it.
"""

import os
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

FASTAPI = ["alembic>=1.16", "fastapi>=0.115"]
SERVER = [
    "alembic>=1.16",
    "click>=8.1",
    "prometheus-client>=0.21",
    "uvicorn[standard]>=0.34",
]
FAST = ["pyreqwest>=0.15"]


class Extras(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        root = Path(self.root)
        here = (root / "demo" / "pyproject.toml").exists() and "RELEASE_BUILD" not in os.environ
        version = metadata["version"]
        programs = {"wxlogin-demo": root / "demo", "wechat-simulator": root / "simulator"}
        demo = [
            f"{name} @ {folder.as_uri()}" if here else f"{name}=={version}"
            for name, folder in programs.items()
        ]
        metadata["optional-dependencies"] = {
            "fastapi": FASTAPI,
            "server": SERVER,
            "fast": FAST,
            "demo": SERVER + demo,
            "all": sorted({*FASTAPI, *SERVER, *FAST}),
        }
