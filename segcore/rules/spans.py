"""Pieces of a sentence, and how several of them are put together."""

from collections.abc import Iterable
from dataclasses import dataclass

from segcore.rules import wording


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; names and values are bold."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a rule says, in spans; as a string, in plain text."""

    spans: tuple[Span, ...]

    def __str__(self) -> str:
        return "".join(span.text for span in self.spans)


Spans = list[Span]


def bold(text: str) -> Span:
    """A name or a value."""
    return Span(text, bold=True)


def listed(clauses: list[Spans], joiner: str, exceptions: list[Spans]) -> Spans:
    """a and b; a, b, and c; exceptions after a comma."""
    spans: Spans = []
    for index, clause in enumerate(clauses):
        if index:
            last = index == len(clauses) - 1
            # A clause with a comma of its own ("…, where …") is closed by one too.
            comma = (
                ","
                if len(clauses) > 2
                or any(mark in span.text for span in clauses[index - 1] for mark in (", where ", ", then "))
                else ""
            )
            spans.append(Span(f"{comma} {joiner} " if last else ", "))
        spans += clause
    for index, clause in enumerate(exceptions):
        if index or clauses:
            last = index == len(exceptions) - 1 and index > 0
            spans.append(Span(", and " if last else ", "))
        spans += clause
    return spans


def alternatives(clauses: list[Spans]) -> Spans:
    """a or b or c"""
    spans: Spans = []
    for index, clause in enumerate(clauses):
        spans += [Span(" or "), *clause] if index else clause
    return spans


def values(written: Iterable[str], joiner: str) -> Spans:
    """vip, beta or new; of many, the first few and how many more."""
    kept, more = wording.shown(written)
    spans: Spans = []
    for index, value in enumerate(kept):
        if index:
            spans.append(Span(f" {joiner} " if index == len(kept) - 1 and not more else ", "))
        spans.append(bold(value))
    if more:
        spans.append(Span(f" {joiner} {more:,} others"))
    return spans


def joined(spans: Spans) -> Spans:
    """Neighbours of the same weight as one span, empty ones gone."""
    result: Spans = []
    for span in spans:
        if result and result[-1].bold == span.bold:
            result[-1] = Span(result[-1].text + span.text, span.bold)
        elif span.text:
            result.append(span)
    return result
