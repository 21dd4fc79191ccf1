"""plotly's figures, whose five megabytes of JavaScript are sent and read once a page.

A `plotly.graph_objects.FigureWidget` brings all of plotly.js with every figure, and anywidget
gives a widget two seconds to be ready: on a busy machine the figures of an explorer stayed
empty ("[anywidget] Failed to initialize model"). Here a figure is ready at once; what the kernel
says before plotly is there is kept, and told to it then.
"""

from functools import cache
from typing import Any

from varstar.optional import need

_ESM = """
const NAMES = ["addTraces", "deleteTraces", "moveTraces", "restyle", "relayout", "update",
               "animate", "removeLayoutProps", "removeTraceProps"].map((name) => "_py2js_" + name);

function plotly(model) {
  globalThis.__varstar_plotly ??= (async () => {
    const id = model.get("_code").slice("IPY_MODEL_".length);
    const holder = await model.widget_manager.get_model(id);
    const blob = new Blob([holder.get("text")], { type: "text/javascript" });
    const url = URL.createObjectURL(blob);
    try { return (await import(url)).default; } finally { URL.revokeObjectURL(url); }
  })();
  return globalThis.__varstar_plotly;
}

export default () => {
  let inner, ready;
  return {
    initialize({ model }) {
      const missed = [], calls = {};
      let now = {}, there = false;
      for (const name of NAMES) {
        model.on("change:" + name, () => {
          const value = model.get(name);
          if (!there && value !== null) missed.push([name, value]);
        });
      }
      const told = new Proxy(model, { get(target, key) {
        if (key === "get") return (name) => name in now ? now[name] : target.get(name);
        if (key === "on") return (event, call) => {
          (calls[event] ??= []).push(call);
          target.on(event, call);
        };
        const value = target[key];
        return typeof value === "function" ? value.bind(target) : value;
      } });
      ready = plotly(model).then((make) => {
        inner = make();
        inner.initialize({ model: told });
        there = true;
        for (const [name, value] of missed) {
          now = { [name]: value };
          for (const call of calls["change:" + name] ?? []) call();
        }
        now = {};
      });
    },
    async render(context) {
      await ready;
      return inner.render(context);
    },
  };
};
"""


def figure_widget(figure: Any) -> Any:
    """A figure as a widget.

    Parameters
    ----------
    figure : plotly Figure
    """
    return _classes()[0](figure)


@cache
def _classes() -> tuple[type, type]:
    import plotly.graph_objects as go
    import traitlets

    widgets = need("ipywidgets", what="the explorer")
    anywidget = need("anywidget", what="the explorer")
    code = go.FigureWidget._esm

    class Code(anywidget.AnyWidget):
        """plotly.js with its widget, as text."""

        _esm = "export default {}"
        text = traitlets.Unicode(str(code)).tag(sync=True)

    class Figure(go.FigureWidget):
        """A figure that takes its code from `Code`."""

        _esm = _ESM
        _code = traitlets.Instance(widgets.Widget).tag(sync=True, **widgets.widget_serialization)

        @traitlets.default("_code")
        def _held(self) -> Any:
            return _holder(Code)

    return Figure, Code


_held: dict[type, Any] = {}


def _holder(code: type) -> Any:
    """The one holder of the kernel; another when somebody has closed it."""
    held = _held.get(code)
    if held is None or held.comm is None:
        held = _held[code] = code()
    return held
