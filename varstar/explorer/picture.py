"""What stands in an explorer's place where no kernel runs."""

import base64
import html
import io

import pandas as pd
from nested_pandas import NestedFrame

from varstar.plots.star import plot


def picture(star: NestedFrame, results: pd.DataFrame | None, key: str) -> dict[str, str]:
    """The star's page as outputs of a cell: HTML, and the PNG in it alone.

    A living widget finds the HTML and hides it; a stored notebook keeps the PNG, which is
    smaller.

    Parameters
    ----------
    star : NestedFrame of one row
    results : DataFrame, optional
        The row of it.
    key : str
        By which the living widget finds the piece, and hides it.
    """
    import matplotlib.pyplot as plt

    name, made = html.escape(str(star.index[0])), {}
    try:
        fig = plot(star, results)
        written = io.BytesIO()
        fig.savefig(written, format="png", dpi=70)
        plt.close(fig)
        made["image/png"] = base64.b64encode(written.getvalue()).decode("ascii")
        inside = f'<img alt="{name}" src="data:image/png;base64,{made["image/png"]}">'
    except (ValueError, IndexError) as error:  # a star without points has no picture
        inside = f"{name}: {html.escape(str(error))}"
    words = f"explorer, {star.index[0]}"
    page = f'<div class="varstar-picture-{key}">{inside}</div>'
    return {"text/html": page, "text/plain": words, **made}
