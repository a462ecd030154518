"""Finds what a column is from every value of the file, and counts what would not fit a given kind.

Tried in this order: boolean, number, date, datetime, list, text. Locations, and lists between semicolons, are declared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import Kind
from segcore.ingest import columns, records
from segcore.ingest.chunk import Cells, Form
from segcore.ingest.records import EXACT, FORMS, Order, Reading

SAMPLE = 256
UTC = ZoneInfo("UTC")


@dataclass(slots=True)
class _Count:
    """What was seen of one column when read as one kind. `fits` counts values, `others` what is not of the kind."""

    fits: int = 0
    others: int = 0


@dataclass(slots=True)
class _Numbers(_Count):
    missing: int = 0  # NaN
    fractions: int = 0
    large: int = 0
    first_fraction: int | None = None
    first_large: int | None = None

    def see(self, cells: Cells, row: int) -> None:
        raw, misplaced = _fitting(cells, Kind.NUMBER)
        found = columns.numbers(raw)
        fraction = found.fractional.is_not_null()
        large = (found.whole.abs() > EXACT).fill_null(False)
        fits = len(raw) - found.whole.null_count() + int(fraction.sum())
        others = int(found.refused.sum())
        self.fits += fits
        self.others += others + misplaced
        self.missing += len(raw) - raw.null_count() - fits - others
        self.fractions += int(fraction.sum())
        self.large += int(large.sum())
        self.first_fraction = _first(self.first_fraction, fraction, row)
        self.first_large = _first(self.first_large, large, row)

    @property
    def possible(self) -> bool:
        return not self.others

    def conflicts(self, *, fractions: bool) -> int:
        return self.large if fractions else self.fractions


@dataclass(slots=True)
class _Words(_Count):
    digits: int = 0

    def see(self, cells: Cells, row: int) -> None:
        raw, misplaced = _fitting(cells, Kind.BOOLEAN)
        folded = raw.str.to_lowercase()
        form = Form.FIELD if cells.form is Form.FIELD else Form.STRING
        digits = int(folded.is_in(list(records.DIGITS)).sum()) if form is Form.FIELD else 0
        words = int(folded.is_in(list(records.WORDS)).sum())
        self.fits += words
        self.digits += digits
        self.others += len(raw) - raw.null_count() - words - digits + misplaced

    @property
    def possible(self) -> bool:
        return not self.others and not self.digits


@dataclass(slots=True)
class _Moments(_Count):
    """Dates or instants, by the order of day and month that each allows; `fits` counts those in ISO order."""

    kind: Kind = Kind.DATE
    either: int = 0
    day_only: int = 0
    month_only: int = 0

    def see(self, cells: Cells, row: int) -> None:
        raw, misplaced = _fitting(cells, self.kind)
        local = columns.local(raw)
        day = self._fitting(raw, "day")
        written = raw.is_not_null()
        self.fits += int((day & ~local).sum())
        month = self._fitting(raw, "month") if local.any() else day
        self.either += int((local & day & month).sum())
        self.day_only += int((local & day & ~month).sum())
        self.month_only += int((local & month & ~day).sum())
        self.others += int((written & ~day & ~month).sum()) + misplaced

    def _fitting(self, raw: pl.Series, order: Order) -> pl.Series:
        parsed = columns.dates(raw, order) if self.kind is Kind.DATE else columns.instants(raw, order, UTC)
        return raw.is_not_null() & ~parsed.refused

    @property
    def local(self) -> int:
        return self.either + self.day_only + self.month_only

    @property
    def possible(self) -> bool:
        return not self.others and not (self.fits and self.local) and not (self.day_only and self.month_only)

    @property
    def order(self) -> Order | None:
        """The order that some value needs and no value forbids."""
        if self.day_only and not self.month_only:
            return "day"
        return "month" if self.month_only and not self.day_only else None

    def conflicts(self, order: Order | None) -> int:
        match order:
            case "day":
                return self.month_only
            case "month":
                return self.day_only
            case None:
                return self.local


@dataclass(slots=True)
class _Lists(_Count):
    def see(self, cells: Cells, row: int) -> None:
        raw, misplaced = _fitting(cells, Kind.LIST)
        arrays = columns.lists(raw, declared=False)
        refused = int(arrays.refused.sum())
        self.fits += len(raw) - raw.null_count() - refused
        self.others += refused + misplaced

    @property
    def possible(self) -> bool:
        return not self.others


@dataclass(slots=True)
class _Plain(_Count):
    """A kind that nothing has to be found out about: what fits is what can be read."""

    kind: Kind = Kind.TEXT

    def see(self, cells: Cells, row: int) -> None:
        parsed = columns.parse(cells, Reading(kind=self.kind))
        refused = int(parsed.refused.sum())
        self.fits += len(parsed.values) - parsed.values.null_count()
        self.others += refused

    @property
    def possible(self) -> bool:
        return not self.others


Tally: TypeAlias = _Numbers | _Words | _Moments | _Lists | _Plain
_TRIED: tuple[tuple[Kind, Callable[[], Tally]], ...] = (
    (Kind.BOOLEAN, _Words),
    (Kind.NUMBER, _Numbers),
    (Kind.DATE, lambda: _Moments(kind=Kind.DATE)),
    (Kind.DATETIME, lambda: _Moments(kind=Kind.DATETIME)),
    (Kind.LIST, _Lists),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a column turned out to be, and how it reads as the kind that it is given."""

    found: Kind
    kind: Kind
    known: bool
    missing: int
    misfits: int
    fractions: bool = False
    large: bool = False
    order: Order | None = None
    note: str = ""


@dataclass(slots=True)
class Finding:
    """What is known of one column so far; `chosen` is the kind that was declared, or `settled` because it is known already."""

    chosen: Kind | None = None
    settled: bool = False
    rows: int = 0
    empty: int = 0
    blank: int = 0
    no_text: int = 0
    _alive: dict[Kind, Tally] = field(default_factory=lambda: {kind: make() for kind, make in _TRIED})
    _declared: Tally | None = None

    def __post_init__(self) -> None:
        if self.chosen is None:
            return
        if self.settled:
            self._alive.clear()
        makers = dict(_TRIED)
        lists = self.chosen is Kind.LIST
        self._declared = _Plain(kind=self.chosen) if lists or self.chosen not in makers else makers[self.chosen]()

    def see(self, cells: Cells) -> None:
        """Take in the next rows."""
        raw = cells.raw
        if cells.form is Form.FIELD:
            empty = int((raw == "").sum()) + raw.null_count()
            blank = int((raw.str.strip_chars(columns.SPACE) == "").sum()) + raw.null_count() - empty
        else:
            empty, blank = raw.null_count(), 0
            fits = cells.among(FORMS[Kind.TEXT]) & ~raw.str.contains("\x00", literal=True).fill_null(False)
            self.no_text += int((~fits & raw.is_not_null()).sum())
        self.empty += empty
        self.blank += blank
        if empty + blank < len(raw):
            self._try(cells)
        if self._declared is not None:
            self._declared.see(cells, self.rows)
        self.rows += len(raw)

    def _try(self, cells: Cells) -> None:
        # Most columns are told by a few of their values, so a kind is tried on those before it is on all.
        few = Cells(cells.raw.head(SAMPLE), cells.form if isinstance(cells.form, Form) else cells.form.head(SAMPLE))
        for kind, make in _TRIED:
            tally = self._alive.get(kind)
            if tally is None:
                continue
            first = make()
            first.see(few, 0)
            if first.possible:
                tally.see(cells, self.rows)
            if not first.possible or not tally.possible:
                del self._alive[kind]

    def verdict(self, *, fractions: bool = False, large: bool = False, order: Order | None = None) -> Verdict:
        """What the whole file says. `fractions` and `large` are what the attribute is known to have already."""
        missing = self.empty + self.blank
        found, note = (self.chosen, "") if self.settled and self.chosen else self._found()
        kind = self.chosen or found
        tally = self._declared or self._alive.get(kind)
        known = self.chosen is not None or missing < self.rows
        misfits = 0
        if kind is Kind.TEXT and known:
            missing = self.empty
        if isinstance(tally, _Numbers):
            missing += tally.missing
            # Whichever the file has first decides, unless it is known already.
            if not fractions and not large and tally.fractions:
                large = tally.first_large is not None and tally.first_large < (tally.first_fraction or 0)
                fractions = not large
            large = large or (not fractions and tally.large > 0)
            misfits = tally.others + tally.conflicts(fractions=fractions)
        elif isinstance(tally, _Moments):
            order = order or tally.order
            misfits = tally.others + tally.conflicts(order)
        elif tally is not None:
            misfits = tally.others
        elif kind is Kind.TEXT:
            misfits = self.no_text
        if kind is not Kind.NUMBER:
            fractions = large = False
        return Verdict(
            found=found,
            kind=kind,
            known=known,
            missing=missing,
            misfits=misfits,
            fractions=fractions,
            large=large,
            order=order,
            note=note,
        )

    def _found(self) -> tuple[Kind, str]:
        for kind, tally in self._alive.items():
            if isinstance(tally, _Moments):
                if tally.fits or tally.order:
                    return kind, ""
                if tally.local:
                    return Kind.TEXT, "could be day-first or month-first"
            elif tally.fits:
                return kind, ""
        return Kind.TEXT, ""


def _fitting(cells: Cells, kind: Kind) -> tuple[pl.Series, int]:
    """The values that may be of this kind at all, and how many may not."""
    raw = columns.present(cells, kind)
    fits = cells.among(FORMS[kind])
    if fits.all():
        return raw, 0
    misplaced = ~fits & raw.is_not_null()
    return raw.set(misplaced, None), int(misplaced.sum())


def _first(known: int | None, mask: pl.Series, row: int) -> int | None:
    if known is not None or not mask.any():
        return known
    return row + (mask.arg_max() or 0)
