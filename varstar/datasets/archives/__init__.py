"""One module an archive: its rows of the registry, its reader, its quirks.

Each module has

``SURVEYS``
    its rows of the registry (data only);
``catalogue(raw, name, types=None)``
    the table of stars from the raw files: ``star_id``, ``label``, ``period`` [d], ...;
``light_curves(raw, name, stars)``
    an iterator of `varstar.datasets.convert.Curve`, a star's bands following each other.

A module whose archive is not a matter of files has ``fetch(raw, name, stars, ...)`` too.
"""
