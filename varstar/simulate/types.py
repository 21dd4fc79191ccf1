"""All types of variable stars: name -> ``f(key, sky, log_p) -> StarModel``.

`key` are the stars' keys (`varstar.simulate.random.keys`), `sky` is ``"lmc"`` or
``"field"`` (the Galaxy), `log_p` quantiles of log10 P [d] to use instead of the type's own.
"""

from collections.abc import Callable

from varstar.simulate import (
    binaries,
    cepheids,
    delta_scuti,
    irregular,
    long_period,
    rotators,
    rr_lyrae,
    small_pulsators,
)

FAMILIES = (
    rr_lyrae, cepheids, delta_scuti, binaries, long_period, rotators, small_pulsators, irregular
)  # fmt: skip

TYPES: dict[str, Callable] = {name: f for m in FAMILIES for name, f in m.TYPES.items()}
