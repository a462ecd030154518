"""`agents`: who may sign in."""

import sys

import click

from segcore.access import ROLES
from segcore.cli.frame import Context, clock, json_option, show, table
from segcore.model import Agent
from segcore.problems import SegcoreError


@click.group()
def agents() -> None:
    """Those who sign in. Passwords are set by links that work once, and by nobody else."""


@agents.command("list")
@json_option
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """Every agent with role and state."""
    everybody = context.services.agents.all(context.agent)
    invited = context.services.agents.invited(context.agent)
    if as_json:
        show([{**_told(one), "password": one.id not in invited} for one in everybody])
        return
    rows = [(one.name, one.email, one.role, _state(one, invited)) for one in everybody]
    table(("name", "e-mail", "role", "state"), rows)


@agents.command()
@click.argument("name")
@click.option("--email", metavar="ADDRESS", default="", help="The agent's e-mail address.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the agent may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of making a link.")
@json_option
@click.pass_obj
def add(context: Context, name: str, email: str, role: str, password_stdin: bool, as_json: bool) -> None:
    """Add an agent, and print the link with which the agent sets a password, once."""
    from segcore.services import passwords

    now = clock()
    # Before the agent is there, so that a weak one leaves nothing half done.
    password = passwords.check(_line(), about=(name, email)) if password_stdin else None
    added = context.services.agents.add(context.agent, name=name, email=email, role=role, now=now)
    assert added.id is not None
    if password is None:
        _say_link(context, added, {**_told(added)}, f"Added {added.name}, {added.role}.", as_json)
        return
    context.services.sessions.set_password(context.agent, added.id, password, now=now)
    if as_json:
        show(_told(added))
    else:
        click.echo(f"Added {added.name}, {added.role}, with the password given.")


@agents.command()
@click.argument("name")
@json_option
@click.pass_obj
def link(context: Context, name: str, as_json: bool) -> None:
    """Print a link with which an agent sets another password, once; earlier links stop working."""
    found = _named(context, name)
    _say_link(context, found, {"name": found.name}, f"For {found.name}.", as_json)


@agents.command()
@click.argument("name")
@json_option
@click.pass_obj
def disable(context: Context, name: str, as_json: bool) -> None:
    """Let an agent no longer sign in; it ends every open page of the agent at the next action."""
    _switch(context, name, False, as_json)


@agents.command()
@click.argument("name")
@json_option
@click.pass_obj
def enable(context: Context, name: str, as_json: bool) -> None:
    """Let an agent sign in again."""
    _switch(context, name, True, as_json)


def _switch(context: Context, name: str, enabled: bool, as_json: bool) -> None:
    found = _named(context, name)
    assert found.id is not None
    changed = context.services.agents.change(context.agent, found.id, enabled=enabled, now=clock())
    if as_json:
        show(_told(changed))
    else:
        click.echo(f"{changed.name} may {'sign in again' if enabled else 'no longer sign in'}.")


def _named(context: Context, name: str) -> Agent:
    """The agent of a name, whatever its case, also one who is disabled."""
    return context.services.agents.called(context.agent, name)


def _say_link(context: Context, agent: Agent, told: dict[str, object], said: str, as_json: bool) -> None:
    assert agent.id is not None
    token = context.services.sessions.link(context.agent, agent.id, now=clock())
    address = f"{context.settings.url}/?link={token}"
    if as_json:
        show({**told, "link": address})
    else:
        click.echo(f"{said} This link sets the password, once, within 3 days:\n{address}")


def _line() -> str:
    """The first line of standard input."""
    try:
        return sys.stdin.readline().removesuffix("\n")
    except UnicodeDecodeError:
        raise SegcoreError("The password is not UTF-8.") from None


def _told(agent: Agent) -> dict[str, object]:
    return {
        "id": agent.id,
        "name": agent.name,
        "email": agent.email,
        "role": agent.role,
        "enabled": agent.enabled,
        "may_send": agent.may_send,
    }


def _state(agent: Agent, invited: frozenset[int]) -> str:
    if not agent.enabled:
        return "disabled"
    return "invited" if agent.id in invited else ""


COMMANDS = (agents,)
