"""The short hash of records and cache keys."""

import hashlib


def digest(*parts: bytes | str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of the parts."""
    sha = hashlib.sha256()
    for part in parts:
        part = part.encode() if isinstance(part, str) else part
        sha.update(len(part).to_bytes(8, "little"))
        sha.update(part)
    return sha.hexdigest()[:16]
