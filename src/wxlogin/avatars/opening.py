"""From settings to a storage of pictures, and to what draws them anew."""

import logging
from dataclasses import dataclass
from typing import Literal

from wxlogin.avatars.encoding import AvatarEncoder, PillowMissing
from wxlogin.avatars.s3 import S3AvatarStorage, S3Bucket
from wxlogin.login.avatars import AvatarStorage
from wxlogin.login.secret import Secret

log = logging.getLogger("wxlogin.avatars")


@dataclass(frozen=True, slots=True)
class AvatarSettings:
    """Where pictures are kept; defaults and their reasons:

    `storage` sql: nothing more to run, and a picture has 200 KiB at most.
    The rest is the bucket's, for `s3` alone: see `S3Bucket`.
    """

    storage: Literal["sql", "s3"] = "sql"
    bucket: str | None = None
    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: Secret | None = None
    public_url: str | None = None
    path_style: bool = False


@dataclass(frozen=True, slots=True)
class OpenedAvatars:
    """Where pictures are kept, and what draws them anew: None where Pillow is not there."""

    storage: AvatarStorage
    encoder: AvatarEncoder | None
    is_given: bool = False

    async def close(self) -> None:
        """Let go of the threads, and of a bucket; a storage of the host's is the host's."""
        if self.encoder is not None:
            self.encoder.close()
        if isinstance(self.storage, S3AvatarStorage) and not self.is_given:
            self.storage.close()


def open_avatars(
    settings: AvatarSettings, given: AvatarStorage | None, *, sql: AvatarStorage
) -> OpenedAvatars:
    """Pictures as `settings` say; `given` is a storage of the host's in its place."""
    storage = given or make_avatar_storage(settings, sql=sql)
    try:
        encoder = AvatarEncoder()
    except PillowMissing as missing:
        log.info("no pictures are taken: %s", missing)
        return OpenedAvatars(storage, None, is_given=given is not None)
    return OpenedAvatars(storage, encoder, is_given=given is not None)


def make_avatar_storage(settings: AvatarSettings, *, sql: AvatarStorage) -> AvatarStorage:
    """The storage of `settings`: a bucket, or `sql`, which is the database's.

    A bucket's has a `close` besides. Raises `Boto3Missing`; ValueError where the bucket has
    no name.
    """
    if settings.storage == "sql":
        return sql
    if settings.bucket is None:
        raise ValueError("pictures in S3 need the name of a bucket")
    return S3AvatarStorage(
        S3Bucket(
            settings.bucket,
            endpoint=settings.endpoint,
            region=settings.region,
            access_key_id=settings.access_key_id,
            secret_access_key=settings.secret_access_key,
            public_url=settings.public_url,
            path_style=settings.path_style,
        )
    )
