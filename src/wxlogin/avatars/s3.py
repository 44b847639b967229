"""Pictures in a bucket that speaks S3: AWS, MinIO, and the S3 doors of COS, OSS and OBS.

The SDK blocks, so each call is made in one of a few threads. It tries a call twice, and no
call is longer than `DEADLINE`: somebody waits for it with a phone in the hand.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from wxlogin.login import errors
from wxlogin.login.avatars import MAX_PICTURE, MEDIA_TYPE, is_avatar_id
from wxlogin.login.secret import Secret

log = logging.getLogger("wxlogin.avatars")

T = TypeVar("T")

CONNECT_SECONDS = 2.0
READ_SECONDS = 4.0
TRIES = 2
DEADLINE = 10.0
THREADS = 4

FOREVER = "public, max-age=31536000, immutable"
"""A picture under an id never changes: another picture has another id."""


class Boto3Missing(ImportError):
    """S3 is spoken by boto3, and it is not installed."""

    def __init__(self) -> None:
        super().__init__('pictures in S3 need boto3: pip install "wxlogin[s3]"')


@dataclass(frozen=True, slots=True)
class S3Bucket:
    """Where the bucket is, and who asks.

    `endpoint`: of a service that is not AWS, like "https://cos.ap-shanghai.myqcloud.com".
    `access_key_id` and `secret_access_key`: without them the SDK looks for the role of the
    machine. `public_url`: where everybody may read the bucket, a CDN in front of it perhaps;
    without it pictures are served by us, and the bucket stays closed.
    `path_style`: the bucket's name in the path, as MinIO wants it, not in the host, as COS
    and OSS want it.
    """

    bucket: str
    endpoint: str | None = None
    region: str | None = None
    access_key_id: str | None = None
    secret_access_key: Secret | None = None
    public_url: str | None = None
    path_style: bool = False
    prefix: str = "avatars/"


class S3AvatarStorage:
    """`AvatarStorage` on one bucket. Raises `Boto3Missing` where boto3 is not installed.

    `connect_seconds`, `read_seconds` and `deadline` are for tests to shorten.
    """

    def __init__(
        self,
        where: S3Bucket,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        deadline: float = DEADLINE,
    ) -> None:
        self._where = where
        self._deadline = deadline
        self._client = _client(where, connect_seconds=connect_seconds, read_seconds=read_seconds)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="wxlogin-s3")

    async def keep(
        self,
        avatar_id: str,
        content: bytes,
        *,
        media_type: str,
        account_id: str,
        at: datetime,
    ) -> str | None:
        """See `AvatarStorage`. Whose picture it is does not go into the bucket."""
        key = self._key(avatar_id)
        await self._ask(
            "put",
            lambda: self._client.put_object(
                Bucket=self._where.bucket,
                Key=key,
                Body=content,
                ContentType=media_type,
                CacheControl=FOREVER,
            ),
        )
        if self._where.public_url is None:
            return None
        return f"{self._where.public_url.rstrip('/')}/{key}"

    async def find(self, avatar_id: str) -> tuple[bytes, str] | None:
        """See `AvatarStorage`. Of what others put there, nothing but a picture's type and size
        is given out: under our own origin a page of theirs would act as ours."""
        if not is_avatar_id(avatar_id):
            return None
        key = self._key(avatar_id)
        return await self._ask("get", lambda: self._get(key))

    async def drop(self, avatar_id: str) -> None:
        """See `AvatarStorage`; for S3 to delete what is not there is no error either."""
        if is_avatar_id(avatar_id):
            key = self._key(avatar_id)
            await self._ask(
                "delete",
                lambda: self._client.delete_object(Bucket=self._where.bucket, Key=key),
            )

    def close(self) -> None:
        """Let go of the connections; calls that run are not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _key(self, avatar_id: str) -> str:
        if not is_avatar_id(avatar_id):
            raise ValueError("not an avatar id: it could be the path of something else")
        return self._where.prefix + avatar_id

    def _get(self, key: str) -> tuple[bytes, str] | None:
        try:
            found = self._client.get_object(Bucket=self._where.bucket, Key=key)
        except self._client.exceptions.NoSuchKey:
            return None
        with found["Body"] as body:
            content: bytes = body.read(MAX_PICTURE + 1)
        if len(content) > MAX_PICTURE or found.get("ContentType") != MEDIA_TYPE:
            return None
        return content, MEDIA_TYPE

    async def _ask(self, verb: str, call: Callable[[], T]) -> T:
        """What `call` returns, made in a thread. Raises `StoreUnavailable` for any fault."""
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        try:
            async with asyncio.timeout(self._deadline):
                return await running
        except Exception as fault:
            # The kind alone: the text of the SDK's errors holds whatever the service said.
            log.warning("the bucket of pictures failed: %s %s", verb, _kind(fault))
        raise errors.StoreUnavailable


def _kind(fault: Exception) -> str:
    answer = getattr(fault, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return f"{type(fault).__name__} {str(code)[:64]}" if code else type(fault).__name__


def _client(where: S3Bucket, *, connect_seconds: float, read_seconds: float) -> Any:
    try:
        import boto3  # type: ignore[import-untyped]
        from botocore.config import Config  # type: ignore[import-untyped]
    except ImportError:
        raise Boto3Missing from None
    secret = where.secret_access_key
    session = boto3.session.Session(
        aws_access_key_id=where.access_key_id,
        aws_secret_access_key=None if secret is None else secret.reveal(),
        region_name=where.region or "us-east-1",
    )
    return session.client(
        "s3",
        endpoint_url=where.endpoint,
        config=Config(
            signature_version="s3v4",
            connect_timeout=connect_seconds,
            read_timeout=read_seconds,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=THREADS,
            s3={"addressing_style": "path" if where.path_style else "virtual"},
            # Only AWS itself knows the checksums that the SDK would add of its own accord.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
