"""AES-CBC with a padding that is checked to the last byte.

The usual helper looks at one byte and cuts; of wrong keys it lets one in eight
through, or says nothing at all (contract §5).
"""

import hmac

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC


def decrypt(sealed: bytes, *, key: bytes, iv: bytes) -> bytes:
    """What stands in `sealed`, padding included. Its length must be whole blocks."""
    opening = Cipher(AES(key), CBC(iv)).decryptor()
    return opening.update(sealed) + opening.finalize()


def encrypt(padded: bytes, *, key: bytes, iv: bytes) -> bytes:
    closing = Cipher(AES(key), CBC(iv)).encryptor()
    return closing.update(padded) + closing.finalize()


def pad(text: bytes, *, block: int) -> bytes:
    count = block - len(text) % block
    return text + bytes([count]) * count


def padding_of(padded: bytes, *, block: int) -> int:
    """How many bytes of PKCS#7 padding end `padded`; 0 if it is not correctly padded."""
    count = padded[-1] if padded else 0
    is_possible = 1 <= count <= min(block, len(padded))
    length = count if is_possible else 1
    is_right = hmac.compare_digest(padded[len(padded) - length :], bytes([count]) * length)
    return count if is_possible and is_right else 0
