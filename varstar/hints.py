"""What may have been meant by a name that is none of those expected."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["meant"]


def meant(name: object, known: Iterable[str]) -> str:
    """``" Did you mean 'k21-asas'?"``, or nothing where no name is near.

    Parameters
    ----------
    name : object
        What was given; upper and lower case, ``_`` and ``-`` are the same here.
    known : iterable of str
        What there is.
    """
    plain = {_plain(k): k for k in known}
    word = _plain(name)
    near = [k for k in plain if word and k.startswith(word)][:3]
    near = near or get_close_matches(word, plain, n=2, cutoff=0.7)
    return f" Did you mean {' or '.join(repr(plain[k]) for k in near)}?" if near else ""


def _plain(name: object) -> str:
    return str(name).lower().replace("_", "-")
