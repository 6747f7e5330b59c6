"""`liftrounds account`: accounts from the terminal, among them the first admin."""

from __future__ import annotations

import secrets
from uuid import UUID

import click

from backend.cli import run_with_database
from backend.people import service
from backend.scope import SYSTEM, Role

_ROLES = [role.value for role in Role if role is not Role.DEVICE]
_GENERATED_BYTES = 12


@click.group()
def account() -> None:
    """Make accounts and set passwords.

    An installation needs one admin from here; the admin makes firms and their first managers in the pages.
    """


def _password(given: str | None) -> str:
    """Return the password, asked for or made up; only a made-up one is printed."""
    if given == "-":
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    if given:
        return given
    made_up = secrets.token_urlsafe(_GENERATED_BYTES)
    click.echo(f"password: {made_up}")
    return made_up


@account.command()
@click.option("--login", required=True, help="What is typed at sign-in; no spaces.")
@click.option("--role", type=click.Choice(_ROLES), default=Role.ADMIN.value, show_default=True)
@click.option("--name", help="As shown to others.  [default: the login]")
@click.option("--firm", type=click.UUID, help="The firm's id, for managers, technicians and owners.")
@click.option("--technician", type=click.UUID, help="The technician's id, for the role technician.")
@click.option("--owner", type=click.UUID, help="The owner's id, for the role owner.")
@click.option("--password", metavar="TEXT", help="`-` asks for it; without the option one is made up and printed.")
def add(
    login: str,
    role: str,
    name: str | None,
    firm: UUID | None,
    technician: UUID | None,
    owner: UUID | None,
    password: str | None,
) -> None:
    """Make an account.

    \b
    Example:
      liftrounds account add --role admin --login admin
    """
    secret = _password(password)

    async def work() -> service.AccountView:
        return await service.create_account(
            SYSTEM,
            login=login,
            password=secret,
            role=Role(role),
            name=name or login,
            technician=technician,
            owner=owner,
            firm=firm,
        )

    made = run_with_database(work)
    click.echo(f"{made.role.value} {made.login} ({made.id})")


@account.command("password")
@click.option("--login", required=True, help="Whose.")
@click.option("--password", metavar="TEXT", help="`-` asks for it; without the option one is made up and printed.")
def set_password(login: str, password: str | None) -> None:
    """Set a new password and end all sessions of the account.

    \b
    Example:
      liftrounds account password --login admin
    """
    secret = _password(password)
    run_with_database(lambda: service.set_password_by_login(login, secret))
    click.echo(f"{login}: the password is set, all sessions have ended")
