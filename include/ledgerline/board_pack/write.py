"""Write the board pack of a month as HTML and PDF, from what readers see."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledgerline.board_pack.page import render
from ledgerline.board_pack.repository import (
    read_month,
    read_months,
    read_source,
    snapshot,
)
from ledgerline.board_pack.suppression import LARGEST_SMALL
from ledgerline.canonical.errors import Fatal, Rejected

FONTS = {"DejaVuSans.ttf": 400, "DejaVuSans-Bold.ttf": 700}


class NothingToShow(Rejected):
    """No month with cases is over and published, so there is no board pack."""

    code = "BOARD_PACK_EMPTY"


class MonthUnknown(Rejected):
    """The month of a board pack is not given as year and month."""

    code = "MONTH_UNKNOWN"


class PdfLibraryMissing(Fatal):
    """The libraries that draw the PDF are not installed on this machine."""

    code = "PDF_LIBRARY_MISSING"


@dataclass(frozen=True, kw_only=True)
class Written:
    """The files of a pack; no PDF where its libraries are `missing`, in a sentence."""

    month: date
    html: Path
    pdf: Path | None
    missing: str


def write_pack(dsn: str, folder: Path, month: date | None = None) -> Written:
    """Write the pack of a month, else of the newest that was over when published.

    A pack replaces the one of the same month. Raises NothingToShow.
    """
    with snapshot(dsn) as connection:
        source = read_source(connection)
        months = read_months(connection, source.published_at) if source else []
        chosen = month or next(iter(months), None)
        if source is None or chosen not in months:
            raise NothingToShow(
                f"no board pack of {chosen:%Y-%m}: no case of that month is published, "
                "or it was not over yet; `ledgerline publications list` says what is"
                if chosen
                else "no board pack: no month with cases is over and published; "
                "run the chain first (make run)"
            )
        read = read_month(connection, source, chosen)
    if sum(each.case_count for each in read.cells) <= LARGEST_SMALL:
        raise NothingToShow(
            f"no board pack of {chosen:%Y-%m}: the month has {LARGEST_SMALL} cases or "
            "fewer, and no number about so few may be shown"
        )
    page = render(read)
    folder.mkdir(parents=True, exist_ok=True)
    html = folder / f"board_pack_{chosen:%Y-%m}.html"
    pdf = html.with_suffix(".pdf")
    if pdf.exists() and html.exists() and html.read_text(encoding="utf-8") == page:
        return Written(month=chosen, html=html, pdf=pdf, missing="")
    pdf.unlink(missing_ok=True)
    html.write_text(page, encoding="utf-8")
    try:
        print_pdf(page, pdf)
    except PdfLibraryMissing as error:
        return Written(month=chosen, html=html, pdf=None, missing=str(error))
    return Written(month=chosen, html=html, pdf=pdf, missing="")


def month_named(text: str) -> date:
    """Return the first day of a month given as 2026-03. Raises MonthUnknown."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise MonthUnknown(f"{text!r} is no month; give it as 2026-03") from error


def print_pdf(page: str, path: Path) -> None:
    """Print a page of HTML; nothing in it is fetched. Raises PdfLibraryMissing."""
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise PdfLibraryMissing(
            "the PDF needs Pango: install libpango-1.0-0, libpangoft2-1.0-0 and "
            "libharfbuzz-subset0 (Debian), or read the HTML"
        ) from error
    nowhere = URLFetcher(allowed_protocols=("data",))
    fonts = FontConfiguration()
    last = CSS(string=_last_font(), url_fetcher=nowhere, font_config=fonts)
    HTML(string=page, url_fetcher=nowhere).write_pdf(
        path, stylesheets=[last], font_config=fonts
    )


def _last_font() -> str:
    """Return the font that matplotlib brings, for machines without any."""
    from matplotlib import get_data_path

    folder = Path(get_data_path()) / "fonts" / "ttf"
    faces = {
        weight: b64encode((folder / name).read_bytes()).decode()
        for name, weight in FONTS.items()
    }
    return "".join(
        f"@font-face {{ font-family: Pack; font-weight: {weight}; "
        f"src: url(data:font/ttf;base64,{face}) }}"
        for weight, face in faces.items()
    )
