"""Pictures of people: drawn anew on arrival, and kept where the operator wants them.

Owns the decoding of pictures, with its limits, and the storages that are no database: an
S3 bucket, and a host's own functions. It implements the ports of `login/avatars.py`; what
a picture is of, and whether it may be shown, is not its business.
"""
