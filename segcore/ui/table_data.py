"""The table of people or companies: cells as they are written, the result bar, and what stands there when it is empty."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from segcore.access import Verb, may
from segcore.attributes import EXTERNAL_ID, Attribute, Entity
from segcore.model import Agent
from segcore.services.filters import Page, Preview, default_sort
from segcore.ui import frame, people_table, words
from segcore.ui.people_table import Chosen, View


def shown(
    key: str,
    *,
    entity: Entity,
    document: object,
    rev: str,
    source: Mapping[str, str],
    segment: str | None,
    now: datetime,
    milliseconds: int = 0,
    empty: Callable[[Page, View], dict[str, Any] | None],
) -> Chosen:
    """Draw the page of those who match that the agent asked for; `source` is what an export names the filter by."""
    agent, services, zone = frame.agent(), frame.services(), frame.zone()
    columns = services.views.columns(agent, entity=entity, segment=segment)
    usual = View(sort=default_sort(services.filters.schema(agent), entity), descending=True)
    view = people_table.view(key, rev=rev, default=usual)
    page = _page(services, agent, document, entity, columns, view, now)
    last = people_table.clamped(view, page.found)
    if last != view:
        view, page = last, _page(services, agent, document, entity, columns, last, now)
    query: list[tuple[str, str]] = [*source.items(), ("entity", entity.value), ("now", now.isoformat())]
    query += [("column", attribute.key) for attribute in page.attributes]
    query += [("q", view.search)] if view.search else []
    data = {
        "rev": rev,
        "columns": people_table.columns(page.attributes),
        "rows": [_row(row, page.attributes, now, zone) for row in page.frame.iter_rows(named=True)],
        "pages": people_table.pages(page.found),
        "count": page.count,
        "found": page.found,
        "total": page.total,
        "share": words.share(page.count, page.total),
        "as_of": words.as_of(now, now, zone),
        "as_of_title": words.exact(now, zone),
        "ms": milliseconds + page.milliseconds,
        "export": f"/export?{urlencode(query)}" if may(agent, Verb.EXPORT) else None,
        "noun": list(words.NOUNS[entity]),
        "dimmed": False,
        "empty": None if page.found else empty(page, view),
    }
    return people_table.show(data, key=key, view=view)


def _page(
    services: Any,
    agent: Agent,
    document: object,
    entity: Entity,
    columns: Sequence[str] | None,
    view: View,
    now: datetime,
) -> Page:
    page: Page = services.filters.page(
        agent,
        document,
        entity=entity,
        now=now,
        columns=columns,
        sort=view.sort,
        descending=view.descending,
        search=view.search,
        offset=view.offset(),
        limit=people_table.SIZE,
    )
    return page


def nobody(entity: Entity, preview: Preview, view: View) -> dict[str, Any]:
    """Why the filter on screen lists nobody, and the way out."""
    noun = words.NOUNS[entity][1]
    if preview.total == 0:
        text = "They come with imports" + (" and events." if entity is Entity.PERSON else " (a company column).")
        return {"title": f"No {noun} yet", "text": text, "action": {"label": f"Import {noun}", "value": "import"}}
    if preview.count and view.search:
        where = "name, e-mail or ID" if entity is Entity.PERSON else "name or ID"
        return {
            "title": "Nobody here by that name" if entity is Entity.PERSON else "No company here by that name",
            "text": f"None of these {words.count(preview.count)} has “{view.search}” in {where}.",
            "action": {"label": "Clear the search", "value": "clear_search"},
        }
    last = _last_remover(preview)
    title = "Nobody matches" if entity is Entity.PERSON else "No company matches"
    if last is None:
        return {"title": title, "text": "Change a condition above, and see the count follow."}
    path, removed = last
    which = "all" if removed == preview.total > 1 else "the last"
    return {
        "title": title,
        "text": f"{preview.said[path]} removes {which} {words.counted(removed, words.NOUNS[entity])}.",
        "action": {"label": "Drop that condition", "value": f"drop:{path}"},
    }


def _row(row: dict[str, Any], attributes: Sequence[Attribute], now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    return {"id": row[EXTERNAL_ID], "cells": [words.cell(row[a.key], a, now, zone) for a in attributes]}


def _last_remover(preview: Preview) -> tuple[int, int] | None:
    """The top-level condition after which nobody is left, and how many were left before it."""
    before, index = preview.total, 0
    while (counts := preview.counts.get(f"all[{index}]")) is not None and counts.after is not None:
        if counts.after == 0 and before > 0:
            return index, before
        before, index = counts.after, index + 1
    return None
