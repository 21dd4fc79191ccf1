"""All types of variable stars: name -> function from stars' keys to their `Light`."""

from collections.abc import Callable

from varstar.simulate import binaries, cepheids, delta_scuti, rr_lyrae

TYPES: dict[str, Callable] = {
    **rr_lyrae.TYPES,
    **cepheids.TYPES,
    **delta_scuti.TYPES,
    **binaries.TYPES,
}
