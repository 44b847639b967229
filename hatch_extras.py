"""The extras of wxlogin, written at build time.

`[demo]` needs two more programs of this repository. In a checkout they are taken
from their folders, so that `pip install ".[demo]"` works from a fresh clone. In a source
distribution those folders are absent, and for a release `RELEASE_BUILD` is set: then the
extra names released versions, and no folder of whoever builds it.
"""

import os
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

PASSWORDS = ["argon2-cffi>=25.1", "bcrypt>=4.2", "zxcvbn>=4.5"]
# Both read what strangers send, and older ones have known holes.
AVATARS = ["pillow>=13", "python-multipart>=0.0.32"]
FASTAPI = ["alembic>=1.16", "fastapi>=0.115", *PASSWORDS, *AVATARS]
SERVER = [
    "alembic>=1.16",
    "click>=8.1",
    "prometheus-client>=0.21",
    "pyotp>=2.9",
    "rich>=14",
    "segno>=1.6",
    "uvicorn[standard]>=0.34",
    *PASSWORDS,
    *AVATARS,
]
S3 = ["boto3>=1.40"]
FAST = ["pyreqwest>=0.15"]
SMS_TENCENT = ["tencentcloud-sdk-python-sms>=3.1"]
# Two dozen packages come with it: not for those who ask for all.
SMS_ALIBABA = ["alibabacloud-dysmsapi20170525>=4.6"]


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
            "sms-tencent": SMS_TENCENT,
            "sms-alibaba": SMS_ALIBABA,
            "passwords": PASSWORDS,
            "avatars": AVATARS,
            "s3": S3 + AVATARS,
            "demo": SERVER + demo,
            "all": sorted({*FASTAPI, *SERVER, *FAST, *SMS_TENCENT}),
        }
