"""What stands in an explorer's place where no kernel runs."""

import base64
import html
import io

import pandas as pd
from nested_pandas import NestedFrame

from varstar.plots.star import plot


def picture_html(star: NestedFrame, results: pd.DataFrame | None, key: str) -> str:
    """The star's page as a piece of HTML with the picture in it.

    Parameters
    ----------
    star : NestedFrame of one row
    results : DataFrame, optional
        The row of it.
    key : str
        By which the living widget finds the piece, and hides it.
    """
    import matplotlib.pyplot as plt

    name = html.escape(str(star.index[0]))
    try:
        fig = plot(star, results)
        written = io.BytesIO()
        fig.savefig(written, format="png", dpi=70)
        plt.close(fig)
        coded = base64.b64encode(written.getvalue()).decode("ascii")
        inside = f'<img alt="{name}" src="data:image/png;base64,{coded}">'
    except (ValueError, IndexError) as error:  # a star without points has no picture
        inside = f"{name}: {html.escape(str(error))}"
    return f'<div class="varstar-picture-{key}">{inside}</div>'
