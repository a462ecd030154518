"""The colours of charts, the same values as the theme in `.streamlit/config.toml`, and the template every chart uses."""

from dataclasses import dataclass

import plotly.graph_objects as go
import streamlit as st


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One theme's colours by what they mean."""

    primary: str
    paper: str
    wash: str
    line: str
    ink: str
    muted: str
    entered: str
    left: str
    any: str
    none: str
    note: str
    series: tuple[str, ...]


# After Okabe and Ito: told apart by people who do not see red and green as different.
_SERIES = ("#0072B2", "#D55E00", "#E69F00", "#A35089", "#56B4E9", "#7A7F87")

LIGHT = Palette(
    primary="#0B6B5D", paper="#FFFFFF", wash="#F5F6F4", line="#DFE3DF", ink="#17211F", muted="#68716D",
    entered="#0072B2", left="#D55E00", any="#7C5BC0", none="#B4432E", note="#E69F00",
    series=("#0B6B5D", *_SERIES),
)  # fmt: skip
DARK = Palette(
    primary="#4FBFA9", paper="#121816", wash="#1B2320", line="#303B37", ink="#E6ECE9", muted="#A3ABA7",
    entered="#56B4E9", left="#F28E4B", any="#AC9CD2", none="#CA8F82", note="#E69F00",
    series=("#4FBFA9", "#56B4E9", "#F28E4B", "#E69F00", "#C987B4", "#8FCDF2", "#A3ABA7"),
)  # fmt: skip


def current() -> Palette:
    """The palette of the theme that this agent's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def template(palette: Palette) -> go.layout.Template:
    """The layout that every chart starts from: transparent, no legend box, no zoom, labels of one size."""
    axis = {
        "gridcolor": palette.line, "linecolor": palette.line, "zeroline": False, "automargin": True,
        "fixedrange": True, "title": {"font": {"size": 12.5, "color": palette.muted}}, "ticks": "",
    }  # fmt: skip
    return go.layout.Template(
        layout=go.Layout(
            paper_bgcolor="rgba(0,0,0,0)",
            plot_bgcolor="rgba(0,0,0,0)",
            font={"family": "Inter, 'Source Sans', sans-serif", "size": 12.5, "color": palette.ink},
            colorway=list(palette.series),
            margin={"l": 8, "r": 8, "t": 8, "b": 8},
            showlegend=False,
            dragmode=False,
            hovermode="closest",
            hoverlabel={"bgcolor": palette.paper, "bordercolor": palette.line, "font": {"color": palette.ink}},
            separators=".,",
            xaxis={**axis, "showgrid": False},
            yaxis={**axis, "rangemode": "tozero"},
        )
    )


CONFIG = {"displayModeBar": False, "scrollZoom": False, "responsive": True}
