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
  })().catch((error) => {
    globalThis.__varstar_plotly = undefined;  // the next figure tries again
    throw error;
  });
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
    return _figure_class()(figure)


@cache
def _figure_class() -> type:
    import plotly.graph_objects as go
    import traitlets

    widgets = need("ipywidgets", what="the explorer")
    anywidget = need("anywidget", what="the explorer")
    plotly = str(go.FigureWidget._esm)

    class Code(anywidget.AnyWidget):
        """plotly.js with its widget, as text; `held` is the one of this kernel."""

        _esm = "export default {}"
        text = traitlets.Unicode(plotly).tag(sync=True)
        held = None

    class Figure(go.FigureWidget):
        """A figure that takes its code from `Code`."""

        _esm = _ESM
        _code = traitlets.Instance(widgets.Widget).tag(sync=True, **widgets.widget_serialization)

        @traitlets.default("_code")
        def _held_code(self) -> Any:
            if Code.held is None or Code.held.comm is None:  # somebody may have closed it
                Code.held = Code()
            return Code.held

    return Figure
