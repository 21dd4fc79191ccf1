"""Profiles in JupyterLab: the values that belong to ``profile = "smoke"``, and no others."""

from collections.abc import Mapping, MutableMapping
from typing import Any

from varstar.progress import say


def load_profile(namespace: MutableMapping[str, Any], notebook: str) -> None:
    """Give a notebook's parameters the values of its profile.

    Called right after the parameters cell, as ``load_profile(globals(), "01_s20")``. Where
    the profile was changed by hand, each parameter that still has the value of the cell
    gets the profile's; what was changed by hand besides stays. The runner passes all
    values itself, so that nothing is left to do.

    Parameters
    ----------
    namespace : dict
        The notebook's ``globals()``.
    notebook : str
        Its name, ``"01_s20"`` for ``01_s20_folded_images.ipynb``.
    """
    profile = str(namespace.get("profile", "laptop"))
    known, given = _values(notebook, profile)
    changed = {
        name: value
        for name, value in given.items()
        if namespace.get(name) == known[name] and value != known[name]
    }
    namespace.update(changed)
    if changed:
        shown = ", ".join(f"{name} = {value!r}" for name, value in changed.items())
        say(f"profile {profile}: {shown}")


def is_changed(parameters: Mapping[str, Any], notebook: str, profile: str) -> bool:
    """Whether parameters differ from those of the profile, so that what comes of them is
    no product of it. Parameters that are not there are not looked at."""
    known, given = _values(notebook, profile)
    whole = {**known, **given}
    return any(
        _plain(parameters[name]) != _plain(value)
        for name, value in whole.items()
        if name in parameters and name != "profile"
    )


def _values(notebook: str, profile: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of the parameters cell and those of the profile; nothing without a clone."""
    from varstar.compendium import run

    found = [path for path in run.notebooks() if path.stem.startswith(notebook)]
    if len(found) != 1:
        return {}, {}
    return run.defaults(found[0]), run.profile_parameters(found[0], profile)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
