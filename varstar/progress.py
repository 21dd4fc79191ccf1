"""What is told while work goes on: bars and notices, quiet wherever nobody looks.

On a terminal a bar is text, in a notebook a widget (where ipywidgets is installed), and in
a pipe, a test or an executed notebook nothing. ``TQDM_DISABLE=1`` switches all bars off.
"""

import html
import os
import sys
from typing import Any

__all__ = ["in_notebook", "say", "tqdm"]


def in_notebook() -> bool:
    """Whether a person looks at a notebook; not when varstar's runner or a test runs it."""
    if "IPython" not in sys.modules or os.environ.get("TQDM_DISABLE"):
        return False
    shell = sys.modules["IPython"].get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"


def tqdm(iterable: Any = None, **options: Any) -> Any:
    """A progress bar: `tqdm.tqdm`'s arguments and methods, the right kind for the place."""
    options.pop("disable", None)
    if in_notebook():
        try:
            import ipywidgets  # noqa: F401
        except ImportError:
            from tqdm import tqdm as bar

            return bar(iterable, disable=True, **options)
        from tqdm.notebook import tqdm as bar

        return bar(iterable, **options)
    from tqdm import tqdm as bar

    hidden = bool(os.environ.get("TQDM_DISABLE"))
    return bar(iterable, disable=True if hidden else None, **options)


def say(text: str) -> None:
    """A notice that is no result: on stderr, and in a notebook in grey, not in stderr's red.

    An executed notebook keeps neither, so that its outputs do not depend on what was
    computed before.
    """
    if in_notebook():
        from IPython.display import HTML, display

        display(HTML(f'<small style="color: gray">{html.escape(text)}</small>'))
    else:
        print(text, file=sys.stderr)
