"""How people and firms want to be told: languages, quiet hours, digests, what is muted."""

from __future__ import annotations

from backend import database
from backend.errors import Fault, InvalidInput
from backend.messages import preference_queries as queries
from backend.messages.inbox import owner_of_inbox
from backend.messages.preference_queries import Preference, Rule
from backend.messages.quiet import DAY_S
from backend.messages.service import is_email, is_phone
from backend.messages.views import Kind
from backend.people.service import audit
from backend.scope import Scope

MUTABLE = tuple(kind.value for kind in Kind if kind not in (Kind.RESCUE, Kind.CODE, Kind.DIGEST, Kind.TEST))
"""Kinds that people may mute."""

LANGUAGES = ("zh", "en")


async def preference(scope: Scope) -> Preference:
    """Return how the asker wants to be told."""
    account = owner_of_inbox(scope)
    async with database.tx(scope):
        return await queries.preference(account) or Preference()


async def set_preference(scope: Scope, wanted: Preference) -> Preference:
    """Change how the asker wants to be told.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    account, firm = owner_of_inbox(scope), scope.require_firm()
    faults = _quiet_faults(wanted.quiet_from_s, wanted.quiet_to_s)
    if wanted.language not in ("", *LANGUAGES):
        faults.append(Fault("language", wanted.language[:20], "use zh or en, or leave it empty"))
    if wanted.phone and not is_phone(wanted.phone):
        faults.append(Fault("phone", wanted.phone[:40], "give a phone number of 5 to 20 digits"))
    if wanted.email and not is_email(wanted.email):
        faults.append(Fault("email", wanted.email[:80], "give an e-mail address"))
    if wanted.by_email and not wanted.email:
        faults.append(Fault("email", None, "give the address that mails should go to"))
    for kind in wanted.muted:
        if kind not in MUTABLE:
            faults.append(Fault.of("muted", kind[:40], "only these can be muted: {kinds}", kinds=", ".join(MUTABLE)))
    if faults:
        raise InvalidInput("the preferences were not changed", faults=faults)
    async with database.tx(scope):
        await queries.put_preference(firm, account, wanted)
    return wanted


async def rule(scope: Scope) -> Rule:
    """Return how the asker's firm tells."""
    firm = scope.require_firm()
    async with database.tx(scope):
        return await queries.rule(firm) or Rule()


async def set_rule(scope: Scope, wanted: Rule) -> Rule:
    """Change how the asker's firm tells.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    firm = scope.require_firm()
    faults = _quiet_faults(wanted.quiet_from_s, wanted.quiet_to_s)
    if wanted.language not in LANGUAGES:
        faults.append(Fault("language", wanted.language[:20], "use zh or en"))
    if not 0 <= wanted.digest_at_s < DAY_S:
        faults.append(Fault("digest_at_s", str(wanted.digest_at_s), "use seconds after midnight, 0 to 86399"))
    if faults:
        raise InvalidInput("the firm's rules were not changed", faults=faults)
    async with database.tx(scope):
        await queries.put_rule(firm, wanted)
        detail = {"quiet_from_s": wanted.quiet_from_s, "quiet_to_s": wanted.quiet_to_s, "digest_at_s": wanted.digest_at_s}
        await audit(firm, scope.account, "messages.rules_changed", str(firm), detail | {"language": wanted.language})
    return wanted


def _quiet_faults(from_s: int | None, to_s: int | None) -> list[Fault]:
    if from_s is None and to_s is None:
        return []
    faults = []
    for name, value in (("quiet_from_s", from_s), ("quiet_to_s", to_s)):
        if value is None:
            faults.append(Fault(name, None, "give both ends of the quiet hours, or neither"))
        elif not 0 <= value <= DAY_S:
            faults.append(Fault(name, str(value), "use seconds after midnight, 0 to 86400"))
    return faults
