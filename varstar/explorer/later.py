"""Work that waits until the kernel is idle."""

import asyncio
from collections.abc import Callable


class Later:
    """Work that waits until the kernel is idle: an answer that nobody waits for is not made.

    Work of a name replaces what waits under the same name. Without a running event loop
    (outside of Jupyter) it is done at once.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    def __call__(self, name: str, work: Callable[[], None], delay: float = 0.05) -> None:
        """Do `work` in `delay` seconds."""
        if name in self._waiting:
            self._waiting.pop(name).cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            work()
        else:
            self._waiting[name] = loop.call_later(delay, work)
