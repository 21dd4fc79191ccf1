"""A map of stars to click on: one small page of HTML, nothing fetched, nothing installed."""

import html
import json
from collections.abc import Sequence

import numpy as np

from varstar.lightcurves.sample import LightCurves

_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#888888", "#8C564B"]

_PAGE = """<!doctype html><meta charset="utf-8"><style>
body{font:13px sans-serif;margin:4px}canvas{border:1px solid #ccc;margin-right:6px}
#key span{margin-right:10px}</style>
<canvas id="map" width="460" height="400"></canvas><canvas id="star" width="360" height="400">
</canvas><div id="key"></div><script>
const D=__DATA__;
const map=document.getElementById("map"),star=document.getElementById("star");
const m=map.getContext("2d"),s=star.getContext("2d");let chosen=0;
const X=p=>15+430*p[0]/1000,Y=p=>385-370*p[1]/1000;
function dot(c,x,y,r,colour){c.fillStyle=colour;c.beginPath();c.arc(x,y,r,0,7);c.fill()}
function drawMap(){m.clearRect(0,0,460,400);
 D.points.forEach(p=>dot(m,X(p),Y(p),2.5,D.colours[p[2]]));
 const p=D.points[chosen];m.strokeStyle="black";m.lineWidth=1.5;m.beginPath();
 m.arc(X(p),Y(p),7,0,7);m.stroke()}
function drawStar(){s.clearRect(0,0,360,400);s.fillStyle="black";s.font="13px sans-serif";
 s.fillText(D.names[chosen],10,18);s.fillText(D.classes[D.points[chosen][2]]+"   "+
 D.notes[chosen],10,36);s.fillText("phase, two cycles",130,392);
 D.curves[chosen].forEach(p=>[0,1000].forEach(k=>
  dot(s,15+330*(p[0]+k)/2000,60+310*p[1]/1000,2,D.colours[D.points[chosen][2]])))}
map.onclick=e=>{const r=map.getBoundingClientRect(),x=e.clientX-r.left,y=e.clientY-r.top;
 let best=1e9;D.points.forEach((p,i)=>{const d=(X(p)-x)**2+(Y(p)-y)**2;
 if(d<best){best=d;chosen=i}});drawMap();drawStar()};
D.classes.forEach((c,i)=>{const e=document.createElement("span");e.textContent="\\u25CF "+c;
 e.style.color=D.colours[i];document.getElementById("key").append(e)});
drawMap();drawStar();</script>"""


def star_map(
    xy: np.ndarray,
    labels: Sequence[str],
    curves: LightCurves,
    periods: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    notes: Sequence[str] | None = None,
    max_points: int = 100,
) -> str:
    """A page with a map; a click on a point shows that star's folded light curve.

    Parameters
    ----------
    xy : ndarray, shape (n, 2)
        Places on the map, in any unit.
    labels : sequence of str
        Class of each star: its colour.
    curves : LightCurves
        One star a point, in the same order.
    periods : ndarray, shape (n,)
        [d]; a star without is shown against time.
    names, notes : sequence of str, optional
        What is written above the light curve: the star's name, and anything.
    max_points : int
        Of a longer light curve every k-th is drawn.

    Returns
    -------
    str
        HTML; in a notebook, ``display(HTML(in_frame(page)))``.
    """
    from varstar.lightcurves.folding import fold

    xy, periods = np.asarray(xy, float), np.asarray(periods, float)
    n = len(xy)
    if xy.shape != (n, 2) or n == 0 or not np.isfinite(xy).all():
        raise ValueError(f"xy: expected finite places, shape (n, 2). Received: shape {xy.shape}")
    given = {"labels": labels, "periods": periods, "names": names, "notes": notes}
    for what, values in given.items():
        if values is not None and len(values) != n:
            raise ValueError(f"{what}: expected {n}. Received: {len(values)}")
    if curves.n_stars != n:
        raise ValueError(f"curves: expected {n} stars. Received: {curves.n_stars}")
    labels = np.asarray(labels, object).astype(str)
    classes, which = np.unique(labels, return_inverse=True)
    places = _thousandths(xy)
    shapes = []
    for i in range(n):
        t, mag, _ = curves.one(i)
        t, mag = (a[:: -(-len(t) // max_points) or 1] for a in (t, mag))
        if len(t) == 0:
            shapes.append([])
            continue
        x = fold(t, periods[i]) if periods[i] > 0 else (t - t.min()) / max(np.ptp(t), 1e-9)
        x = np.round(1000 * x).astype(int)
        shapes.append(np.stack([x, _thousandths(mag[:, None])[:, 0]], axis=1).tolist())
    data = {
        "points": np.column_stack([places, which]).tolist(),
        "classes": classes.tolist(),
        "colours": _colours(len(classes)),
        "curves": shapes,
        "names": [str(v) for v in (names if names is not None else range(n))],
        "notes": [str(v) for v in (notes if notes is not None else [""] * n)],
    }
    # A "<" in a star's name could begin a comment or end the script.
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return _PAGE.replace("__DATA__", text)


def in_frame(page: str, width: int = 860, height: int = 450) -> str:
    """The page in a frame of its own, for a notebook's output."""
    return (
        f'<div><iframe srcdoc="{html.escape(page)}" width="{width}" height="{height}" '
        'frameborder="0"></iframe></div>'
    )


def _colours(n: int) -> list[str]:
    """`n` different colours: the palette, then hues at equal steps."""
    more = max(0, n - len(_COLOURS))
    return _COLOURS[:n] + [f"hsl({360 * k // more},90%,{30 + 15 * (k % 2)}%)" for k in range(more)]


def _thousandths(values: np.ndarray) -> np.ndarray:
    """Each column from its least (0) to its largest value (1000), as integers."""
    low, high = values.min(axis=0), values.max(axis=0)
    return np.round(1000 * (values - low) / np.maximum(high - low, 1e-12)).astype(int)
