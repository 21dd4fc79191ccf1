"""Keys for going through hundreds of stars without a mouse."""

import html
from collections.abc import Callable
from typing import Any

from varstar.optional import need

#: key -> what it does
KEYS = {
    "n": "next star",
    "b": "star before",
    "h": "half the period",
    "d": "twice the period",
    "t": "three times the period",
    "o": "the period as it was",
    ",": "a step shorter",
    ".": "a step longer",
    "s": "swap the two periods",
    "g": "press gaps",
    "m": "model and residuals",
    "x": "box leaves points out / zooms",
    "r": "all points back",
    "a": "accept: write the class down, next star",
    "w": "write down, next star",
    "l": "to the label",
}

#: Keys pressed anywhere within the explorer but where text is written. JupyterLab's own keys
#: (which move and delete cells) are told to leave them alone. The picture that stands in for
#: the widget without a kernel is hidden while the widget lives.
_ESM = """
function render({ model, el }) {
  let root = null, asked = 0, hiding = 0;
  const onKey = (event) => {
    const at = event.target;
    const writes = at.tagName === "TEXTAREA" || at.isContentEditable ||
      (at.tagName === "INPUT" && !["range", "checkbox", "radio", "button"].includes(at.type)) ||
      (at.tagName === "SELECT" && at.size < 2);
    if (event.key === "Escape" && writes) { root.focus(); return; }
    if (writes || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!model.get("known").includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "l") {
      const label = root.querySelector(".varstar-label input");
      if (label) { label.focus(); label.select(); }
      return;
    }
    model.send({ key: event.key });
  };
  const picture = (shown) => document
    .querySelectorAll(".varstar-picture-" + model.get("picture"))
    .forEach((node) => { node.style.display = shown ? "" : "none"; });
  // A figure that was made before its place was known takes its width when the window changes.
  const fit = () => window.dispatchEvent(new Event("resize"));
  const onClick = (event) => {
    if (event.target.closest(".lm-TabBar-tab, .p-TabBar-tab")) setTimeout(fit, 100);
  };
  const attach = () => {
    root = el.closest(".varstar-explorer");
    if (!root) { asked = requestAnimationFrame(attach); return; }
    root.tabIndex = 0;
    root.style.outline = "none";
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", onKey);
    picture(false);
    // The picture may come, or come again, after the widget.
    hiding = setInterval(() => picture(false), 500);
    asked = setTimeout(fit, 500);
    root.addEventListener("click", onClick);
  };
  attach();
  return () => {
    cancelAnimationFrame(asked);
    clearTimeout(asked);
    clearInterval(hiding);
    if (root) root.removeEventListener("keydown", onKey);
    if (root) root.removeEventListener("click", onClick);
    picture(true);
  };
}
export default { render };
"""


def keyboard(press: Callable[[str], None], picture: str) -> Any:
    """A widget that shows nothing and calls `press` with each of `KEYS`.

    Parameters
    ----------
    press : callable
    picture : str
        Which picture stands in for the explorer where no kernel runs.
    """
    anywidget = need("anywidget", what="the explorer")
    import traitlets

    class Keyboard(anywidget.AnyWidget):
        _esm = _ESM
        known = traitlets.List(traitlets.Unicode()).tag(sync=True)
        picture = traitlets.Unicode().tag(sync=True)

    widget = Keyboard(known=list(KEYS), picture=picture)
    widget.on_msg(lambda _, message, __: press(message["key"]) if "key" in message else None)
    return widget


def legend() -> str:
    """The keys, as HTML."""
    rows = "".join(f"<span><kbd>{html.escape(k)}</kbd> {v}</span> &nbsp; " for k, v in KEYS.items())
    return f'<div style="font-size: 85%; line-height: 1.5; color: #444">{rows}</div>'
