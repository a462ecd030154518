"""HTTP beside the pages: health, the values to choose from, how a count changes, files to save, the font. Each route asks who calls."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import fontpkg_inter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from segcore import bootstrap, door
from segcore.access import NotAllowed, Verb, may
from segcore.attributes import EXTERNAL_ID, ID, Entity, Kind
from segcore.model import Agent
from segcore.problems import InvalidRule, NotFound, SegcoreError
from segcore.rules import codec
from segcore.rules.exact import for_browsers, from_browsers
from segcore.rules.limits import MAX_BYTES
from segcore.services import exports
from segcore.services.filters import NamedPlace, Offered
from segcore.services.people import of_company
from segcore.services.present import MISSING

SEARCH_LIMIT = 200
MOST_SENT = MAX_BYTES + 1_000  # a rule, and what is said about it
TICKED_LIMIT = 1_000
LARGEST_NUMBER = 2**31 - 1  # what both databases take for the number of an import

Handler = Callable[[Request], Response]
AgentHandler = Callable[[Request, Agent], Response]


class NotSignedIn(SegcoreError):
    """Nobody asks, or nobody any more."""


def agent_of(request: Request) -> Agent:
    """Who calls, by the cookie and by what the database says of them now."""
    seat = door.seat_of(request)
    if seat is None:
        raise NotSignedIn(door.SIGN_IN)
    return seat.agent


def health(request: Request) -> Response:
    """200 where the database answers, else 503."""
    try:
        bootstrap.services().presence.position()
        return JSONResponse({"status": "ok"})
    except SegcoreError as trouble:
        return JSONResponse({"status": "down", "message": trouble.message}, status_code=503)


def values(request: Request, agent: Agent) -> Response:
    """The 50 commonest values that contain `q`, with how many have each.

    `?entity=person&attribute=country&q=ir` of an attribute; `?entity=event&event=purchase&attribute=category&q=` of a
    property; of a location the places that have a name, with the middle of each.
    """
    query, filters, now = request.query_params, bootstrap.services().filters, bootstrap.clock()
    attribute, search = query.get("attribute", ""), query.get("q", "")[:SEARCH_LIMIT]
    told: dict[str, Any]
    if query.get("entity") == "event":
        found = filters.property_values(agent, query.get("event", ""), attribute, search=search, now=now)
        told = _values(found)
    else:
        entity = _entity(query.get("entity", "person"))
        asked = filters.schema(agent).of(entity).get(attribute)
        if asked is not None and asked.kind is Kind.LOCATION:
            distinct, places = filters.places(agent, attribute, entity=entity, search=search, now=now)
            told = {"distinct": distinct, "missing": 0, "values": [_place(each) for each in places]}
        else:
            told = _values(filters.values(agent, attribute, entity=entity, search=search, now=now))
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def _values(found: Offered) -> dict[str, Any]:
    values = [{"value": value, "count": count} for value, count in found.values]
    return {"distinct": found.total_distinct, "missing": found.missing, "values": values}


def _place(found: NamedPlace) -> dict[str, Any]:
    return {"value": found.name, "count": found.count, "latitude": found.latitude, "longitude": found.longitude}


def curve(request: Request, agent: Agent) -> Response:
    """How many match at other thresholds of one condition: `{"entity", "rule", "path", "part", "now"}`, whole rule and instant.

    POST because a rule can be longer than an address; it changes nothing, and only our own pages may ask.
    """
    if not door.from_our_page(request):
        return PlainTextResponse("Only a page of this workspace may ask.", status_code=403)
    try:
        asked = from_browsers(codec.loads(request.state.body))
        match asked:
            case {"rule": dict(rule), "path": str(path)}:
                part, now = asked.get("part"), asked.get("now")
            case _:
                raise SegcoreError("Expected a rule, and the path of a condition in it.")
        found = bootstrap.services().curves.curve(
            agent,
            rule,
            path,
            part=part if isinstance(part, str) else None,
            entity=_entity(str(asked.get("entity", "person"))),
            now=_instant(now if isinstance(now, str) else None),
        )
    except InvalidRule:  # what is wrong with it stands in the builder, where it is
        raise SegcoreError("This filter cannot be counted until what is marked in it is mended.") from None
    told = {
        "part": found.part,
        "parts": found.parts,
        "steps": [{"value": for_browsers(step.value), "count": step.count} for step in found.steps],
        "current": found.current,
        "every": found.every,
        "total": found.total,
    }
    return JSONResponse(told, headers={"Cache-Control": "no-store"})


def export(request: Request, agent: Agent) -> Response:
    """The rows on screen as CSV: `?draft=` or `?segment=`, `&entity=&now=&column=…&q=&only=…`, at the instant shown."""
    query, services = request.query_params, bootstrap.services()
    entity = _entity(query.get("entity", "person"))
    name = "people" if entity is Entity.PERSON else "companies"
    document: object = {"all": []}
    if key := query.get("segment"):
        document, name = services.segments.get(agent, key).document, key
    elif draft := query.get("draft"):
        document = services.drafts.open(agent, draft).document
    elif company := query.get("company"):
        document = of_company(company)
    columns, only = query.getlist("column") or None, query.getlist("only")
    if len(only) > TICKED_LIMIT:
        raise SegcoreError(
            f"{TICKED_LIMIT:,} ticked rows are the most that one address can name.", "Export all of them."
        )
    now = _instant(query.get("now"))
    frame = services.filters.export(
        agent,
        document,
        entity=entity,
        now=now,
        columns=columns,
        search=query.get("q", "")[:SEARCH_LIMIT],
        only=only or None,
    )
    attributes = (ID, *(a for a in services.filters.columns(agent, columns, entity=entity) if a.key != EXTERNAL_ID))
    body: Iterator[bytes] = exports.csv(frame, attributes)
    headers = {
        "Content-Disposition": _saved_as(f"{name}-{now:%Y-%m-%d-%H%M%S}.csv"),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(body, media_type="text/csv; charset=utf-8", headers=headers)


def rejections(request: Request, agent: Agent) -> Response:
    """The rows that an import refused, with line, column and reason, as a file."""
    number = int(request.path_params["number"])
    if number > LARGEST_NUMBER:
        raise NotFound(MISSING)
    told = bootstrap.services().imports.rejections(agent, number)
    headers = {
        "Content-Disposition": _saved_as(f"rejected-rows-{number}.csv"),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(told, media_type="text/csv; charset=utf-8", headers=headers)


def log(request: Request, agent: Agent) -> Response:
    """The whole log as a file, for admins; for others there is nothing at this address."""
    if not may(agent, Verb.SETTINGS):
        raise NotFound(MISSING)
    headers = {
        "Content-Disposition": _saved_as(f"log-{bootstrap.clock():%Y-%m-%d-%H%M%S}.csv"),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    body = bootstrap.services().audit.export(agent)
    return StreamingResponse(body, media_type="text/csv; charset=utf-8", headers=headers)


def claim(request: Request) -> Response:
    """The cookie, for the ticket that the form gave to a page of ours after a right password."""
    if not door.from_our_page(request):
        return PlainTextResponse("Sign in on the page itself.", status_code=403)
    sessions, now = bootstrap.services().sessions, bootstrap.clock()
    browser = request.headers.get("user-agent", "")
    token = sessions.claim(request.headers.get("x-ticket", ""), browser=browser, now=now)
    if token is None:
        return PlainTextResponse("That took too long. Sign in again.", status_code=403)
    before = door.seat_of(request)
    if before is not None:  # whoever was signed in here is not any more
        sessions.end(before, now=now)
    answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
    answer.set_cookie(
        door.COOKIE,
        token,
        max_age=int(sessions.ABSOLUTE.total_seconds()),
        path="/",
        secure=door.secure(request),
        httponly=True,
        samesite="lax",  # a link in a message finds whoever is signed in
    )
    return answer


def font(request: Request) -> Response:
    """Inter, from the installed package, so that no page asks another host for it."""
    file = fontpkg_inter.ROOT / "files" / "Inter[opsz,wght].ttf"
    return FileResponse(file, media_type="font/ttf", headers={"Cache-Control": "public, max-age=604800"})


def routes() -> list[Route]:
    """Everything that the process serves beside the pages."""
    return [
        Route("/healthz", _to_anybody(health)),
        Route("/fonts/inter.ttf", _to_anybody(font)),
        Route("/auth/claim", _to_anybody(claim), methods=["POST"]),
        Route("/values", _to_agents(values)),
        Route("/curve", _to_agents(curve), methods=["POST"]),
        Route("/export", _to_agents(export)),
        Route("/imports/{number:int}/rejected.csv", _to_agents(rejections)),
        Route("/log.csv", _to_agents(log)),
    ]


def _to_agents(handler: AgentHandler) -> Any:
    """A route for who is signed in; nobody else gets as far as its handler."""
    return _to_anybody(lambda request: handler(request, agent_of(request)))


def _to_anybody(handler: Handler) -> Any:
    """Run a handler off the event loop and tell what cannot be done in words: 401 to nobody, 403 for what the role does not
    allow, 404 for what is not there or hidden, else 400."""

    async def endpoint(request: Request) -> Response:
        try:
            request.state.body = await _body(request)
            return await run_in_threadpool(handler, request)
        except NotSignedIn as trouble:
            return PlainTextResponse(trouble.message, status_code=401)
        except NotAllowed as trouble:
            return PlainTextResponse(f"{trouble.message} {trouble.hint}".strip(), status_code=403)
        except NotFound as trouble:
            return PlainTextResponse(trouble.message, status_code=404)
        except SegcoreError as trouble:
            return PlainTextResponse(f"{trouble.message} {trouble.hint}".strip(), status_code=400)

    return endpoint


async def _body(request: Request) -> bytes:
    """What was sent along, no longer than the longest rule with what is said about it; of GET nothing."""
    body = b""
    if request.method == "POST":
        async for part in request.stream():
            body += part
            if len(body) > MOST_SENT:
                raise SegcoreError("This is longer than any filter.")
    return body


def _entity(text: str) -> Entity:
    if text not in ("person", "company"):
        raise SegcoreError("The entity is person or company.")
    return Entity(text)


def _instant(text: str | None) -> datetime:
    if text is None:
        return bootstrap.clock()
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    with contextlib.suppress(OverflowError):  # at either end of the calendar
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(UTC)
    raise SegcoreError("“now” is an instant with zone, such as 2026-11-22T04:12:09Z.")


def _saved_as(name: str) -> str:
    """The head that names a file; keys from elsewhere may hold what a head may not."""
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-_.") else "-" for sign in name)
    return f'attachment; filename="{plain}"'
