"""Draws a dashboard as a page: its panels where they stand, with the data of its own queries. Not Grafana's drawing."""
import html
import math
import pathlib

COLORS = ["#73bf69", "#f2cc0c", "#5794f2", "#ff780a", "#b877d9", "#e02f44", "#8ab8ff", "#37872d", "#fade2a", "#c4162a"]
COLUMN, LINE, GAP = 60, 34, 8
STYLE = """body{margin:0;background:#111217;color:#ccccdc;font:12px sans-serif}
h1{font-size:17px;font-weight:500;margin:12px}main{position:relative}
section{position:absolute;background:#181b1f;border:1px solid #2b2e34;border-radius:2px;overflow:hidden}
h2{font-size:13px;font-weight:500;margin:6px 8px}h3{position:absolute;font-size:14px;font-weight:500;margin:8px}
.big{font-size:30px;text-align:center;margin-top:14px}.small{font-size:11px;color:#9a9ba4;text-align:center}
p{position:absolute;bottom:0;left:8px;right:8px;margin:0 0 5px;font-size:11px;height:29px;overflow:hidden}
i{display:inline-block;width:12px;height:3px;margin:0 5px 3px 9px}
.bar{display:flex;margin:9px}.bar span{width:130px}.bar b{height:14px;background:#73bf69;margin-right:6px}
footer{position:absolute;margin:12px;color:#9a9ba4}"""


def page(file, dashboard, ask):
    """Writes it; `ask` answers a query with names and points."""
    bottom = max(p["gridPos"]["y"] + p["gridPos"]["h"] for p in dashboard["panels"]) * LINE
    body = "".join(heading(p) if p["type"] == "row" else section(p, data(p, ask)) for p in dashboard["panels"])
    footer = (f"<footer style='top:{bottom}px'>Real data: every query of the dashboard, as Prometheus answered it for "
              "a gateway in front of a simulated OpenAI. Drawn by deploy/checks/draw.py, not by Grafana.</footer>")
    title = html.escape(dashboard["title"])
    pathlib.Path(file).write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><h1>{title}</h1>"
                                  f"<main style='height:{bottom + 40}px;width:{24 * COLUMN}px'>{body}{footer}</main>")


def data(panel, ask):
    return [(legend(target["legendFormat"], labels), points)
            for target in panel["targets"] for labels, points in ask(target["expr"])]


def legend(form, labels):
    for name, value in labels.items():
        form = form.replace("{{" + name + "}}", value)
    return form


def place(panel):
    at = panel["gridPos"]
    return (f"left:{at['x'] * COLUMN + 4}px;top:{at['y'] * LINE}px;"
            f"width:{at['w'] * COLUMN - GAP}px;height:{at['h'] * LINE - GAP}px")


def heading(row):
    return f"<h3 style='{place(row)}'>{html.escape(row['title'])}</h3>"


def section(panel, lines):
    draw = {"stat": stat, "bargauge": bars, "timeseries": chart}[panel["type"]]
    return f"<section style='{place(panel)}'><h2>{html.escape(panel['title'])}</h2>{draw(panel, lines)}</section>"


def unit(panel):
    return panel["fieldConfig"]["defaults"]["unit"]


def shown(value, kind):
    if kind == "percentunit":
        return f"{value * 100:.3g} %"
    if kind == "s":
        return f"{value:.3g} s" if value >= 1 or value == 0 else f"{value * 1000:.3g} ms"
    if kind == "bytes":
        return f"{value / 2 ** 20:.3g} MiB"
    return f"{value:.3g}" + {"reqps": " req/s", "ops": " ops/s"}.get(kind, "")


def stat(panel, lines):
    name, points = lines[0]
    return f"<div class=big>{shown(points[-1][1], unit(panel))}</div><div class=small>{html.escape(name)}</div>"


def bars(panel, lines):
    last = sorted((points[-1][1], name) for name, points in lines)
    return "".join(f"<div class=bar><span>{html.escape(name)}</span><b style='width:{max(1, 220 * value):.0f}px'></b>"
                   f"{shown(value, unit(panel))}</div>" for value, name in last)


def stacked(lines):
    """Each line on top of those before it; a time at which one has no value counts as 0."""
    below, result = {}, []
    for name, points in lines:
        below = {**below, **{at: below.get(at, 0) + value for at, value in points}}
        result.append((name, sorted(below.items())))
    return result


def chart(panel, lines):
    areas = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    lines = stacked(lines) if areas else lines
    wide, high = panel["gridPos"]["w"] * COLUMN - GAP, panel["gridPos"]["h"] * LINE - GAP - 70
    times = [at for _, points in lines for at, _ in points]
    first, last = min(times), max(max(times), min(times) + 1)
    step, steps = scale(max([value for _, points in lines for _, value in points] + [1e-9]))
    top = step * steps

    def spot(at, value):
        return f"{58 + (at - first) / (last - first) * (wide - 70):.1f},{high - value / top * (high - 12):.1f}"

    parts = [f"<path d='M{spot(first, n * step)} L{spot(last, n * step)}' stroke='#2b2e34'/>"
             f"<text x=52 y={high - n / steps * (high - 12) + 4:.0f} fill='#9a9ba4' font-size=10 text-anchor=end>"
             f"{shown(n * step, unit(panel))}</text>" for n in range(steps + 1)]
    # The highest first: each covers what lies below it with its own color.
    for n, (_, points) in reversed(list(enumerate(lines)) if areas else []):
        edge = " ".join(spot(*point) for point in [*points, (points[-1][0], 0), (points[0][0], 0)])
        parts += [f"<polygon points='{edge}' fill='{fill}' fill-opacity={opacity} />"
                  for fill, opacity in (("#181b1f", 1), (color(n), 0.45))]
    parts += [f"<polyline points='{' '.join(spot(*point) for point in points)}' fill=none stroke='{color(n)}' "
              f"stroke-width=1.5 />" for n, (_, points) in enumerate(lines)]
    names = "".join(f"<i style='background:{color(n)}'></i>{html.escape(name)}" for n, (name, _) in enumerate(lines))
    return f"<svg width={wide} height={high + 10}>{''.join(parts)}</svg><p>{names}</p>"


def color(number):
    return COLORS[number % len(COLORS)]


def scale(most):
    """A round step, and how many of them hold the most."""
    size = 10 ** math.floor(math.log10(most))
    step = next(size * part for part in (0.2, 0.5, 1, 2, 5) if size * part * 5 >= most)
    return step, math.ceil(most / step - 1e-9)
