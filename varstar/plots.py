"""Pictures of results: ``plot_x(result, ax) -> ax``; each draws what it is given.

The look is in one file, ``varstar.mplstyle``; `use_style` switches it on. Figures are
written, with their provenance, by `save_figure`.
"""

from varstar import paths
from varstar.provenance import save_figure, save_table

__all__ = ["save_figure", "save_table", "use_style"]


def use_style() -> None:
    """The look of the project's figures for everything drawn from now on."""
    import matplotlib.pyplot as plt

    plt.style.use(paths.PACKAGE / "varstar.mplstyle")
