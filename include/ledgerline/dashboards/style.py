"""How numbers and colours look: chosen once, for every page."""

FORMATS = {
    "dollars": "($,.0f",
    "cents": "($,.2f",
    "percent": ".1%",
    "signed_percent": "+.1%",
    "count": ",.0f",
    "days": ",.1f",
    "index": ",.2f",
    "": "",
}
"""Format of d3 by its name in the definition. Dollars below zero stand in brackets."""

NAVY = {"r": 31, "g": 64, "b": 104, "a": 1}
SLATE = {"r": 138, "g": 155, "b": 176, "a": 1}
RED_TEXT = "#b3261e"
GREEN_TEXT = "#1b7f4d"
AMBER_TEXT = "#b26a00"

CSS = """
.dashboard-component-chart-holder { border-radius: 8px; }
.chart-slice .header-title { font-size: 14px; }
[data-test-chart-name="The month in one sentence"] td {
    font-size: 19px; line-height: 1.4; border: 0 !important; white-space: normal;
}
[data-test-chart-name="Publication and gate"] td { border: 0 !important; }
"""
