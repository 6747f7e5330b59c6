"""What people call the actions of the audit trail, in the language of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mobile_api.i18n import gettext as _
from mobile_api.pages import visit_words
from mobile_api.pages.office import entry_deeds
from mobile_api.pages.office import words as office_words
from mobile_api.pages.office.entries import kind_name


def groups() -> list[tuple[str, str]]:
    """Return the beginnings of actions to choose from, with their names."""
    return [
        ("", _("all")),
        ("elevator", _("Elevators")), ("site.", _("Sites")), ("owner.", _("Owners")), ("contract.", _("Contracts")),
        ("crew", _("Crews and hours")), ("technician.", _("Technicians")), ("certificate.", _("Certificates")),
        ("absence.", _("Absences")), ("plan_run.", _("Plan runs")), ("round.", _("Rounds")),
        ("repair.", _("Repairs of a day")), ("work_order.", _("Stops")),
        ("swap.", _("Swaps between crews")), ("levelling.", _("Levelling")),
        ("policy_comparison.", _("On demand compared")), ("work_calendar.", _("Public holidays")),
        ("visit.", _("Visits")), ("confirmation.", _("Owners' confirmations")), ("known_phone.", _("Known phones")),
        ("finding.", _("Findings")), ("notice.", _("Notices")), ("label.", _("Labels")),
        ("device.", _("Telemetry devices")), ("records.", _("Not accepted")),
        ("phone.", _("Technicians' phones")), ("entry.", _("Held entries")), ("photo.", _("Photos")), ("part.", _("Parts")),
        ("special_", _("Special periods and checks")), ("account.", _("Accounts")),
        ("sign_in.", _("Signing in")), ("passkey.", _("Passkeys")), ("firm.", _("Firms")),
        ("dispatch.", _("Rescues")), ("duty_turn.", _("Duty roster")), ("bot.", _("Bots")), ("message", _("Messages")),
    ]  # fmt: skip


def deed(action: str) -> str:
    """Return an action in words; its own name where there are none."""
    kind, _dot, verb = action.partition(".")
    if verb in ("created", "changed", "removed"):
        things, verbs = _things(), {"created": _("made"), "changed": _("changed"), "removed": _("removed")}
        if kind in things:
            return f"{things[kind]}: {verbs[verb]}"
    return _deeds().get(action, action)


def _things() -> dict[str, str]:
    return {
        "firm": _("Firm"), "owner": _("Owner"), "site": _("Site"), "contract": _("Contract"), "elevator": _("Elevator"),
        "crew": _("Crew"), "crew_member": _("Membership in a crew"), "technician": _("Technician"),
        "certificate": _("Certificate"), "absence": _("Absence"), "account": _("Account"), "device": _("Device"),
    }  # fmt: skip


def _deeds() -> dict[str, str]:
    return {
        "account.password_changed": _("Changed their own password"),
        "account.password_set": _("Set an account's password"),
        "account.sessions_ended": _("Ended sessions"),
        "account.switched": _("Switched an account on or off"),
        "confirmation.code_made": _("Showed the owner a code"),
        "confirmation.password_sent": _("A one-time password was sent to the owner's number"),
        "confirmation.password_wrong": _("A wrong one-time password was typed"),
        "confirmation.staff_refused": _("A browser of maintenance staff tried to confirm a visit and was refused"),
        "bot.added": _("Added a bot"),
        "bot.removed": _("Removed a bot"),
        "bot.switched": _("Switched a bot on or off"),
        "counter.replaced": _("Noted a replaced counter"),
        "crew.week_changed": _("Changed a crew's weekly hours"),
        "deferral.added": _("Recorded a deferral"),
        "dispatch.arrived": _("Arrived at a rescue"),
        "dispatch.cannot": _("Could not go to a rescue"),
        "dispatch.closed": _("Closed a rescue"),
        "dispatch.going": _("Went to a rescue"),
        "dispatch.merged": _("A further call for an open rescue"),
        "dispatch.raised": _("Raised a rescue"),
        "dispatch.released": _("Noted that the people are out"),
        "duty_turn.added": _("Put a technician on duty"),
        "duty_turn.removed": _("Took a technician off duty"),
        "message.sent_again": _("Had a message sent again"),
        "message.tested": _("Tried a channel"),
        "messages.rules_changed": _("Changed how the firm tells"),
        "push.removed": _("Ended the pushes to a phone"),
        "rescue_ladder.set": _("Set the rescue ladder"),
        "deferral.withdrawn": _("Withdrew a deferral"),
        "device.added": _("Made a device"),
        "device.dialect": _("Told how a device speaks"),
        "device.key_rotated": _("Gave a device a new key"),
        "elevator.returned_to_use": _("Put an elevator back into use"),
        "elevators.imported": _("Imported elevators"),
        "entry.held": _("An entry of a phone could not be applied"),
        "entry.reopened": _("Took back that an entry was left out"),
        "entry.settled": _("Left out what could not be applied of an entry"),
        "entry.taken_by_hand": _("Had entries applied that are not trusted"),
        "entry.tried_again": _("Tried a held entry again"),
        "finding.added": _("Noted a finding"),
        "finding.closed": _("Closed a finding"),
        "known_phone.remembered": _("An owner's phone was remembered"),
        "known_phone.revoked": _("Revoked an owner's phone"),
        "label.batch_ended": _("Ended what was left of a batch of labels"),
        "label.claimed": _("Claimed a label"),
        "label.kept": _("Kept a label of an old key valid"),
        "label.minted": _("Made labels"),
        "label.replaced": _("Replaced a label"),
        "label.revoked": _("Revoked a label"),
        "label.zone_changed": _("Changed the place of a label"),
        "label.seen_twice": _("A label was scanned in two places at the same time"),
        "label_key.restored": _("Took an old label key back into use"),
        "label_key.retired": _("Retired a label key"),
        "levelling.requested": _("Asked for a levelling"),
        "levelling.stopped": _("Stopped a levelling"),
        "log.contradiction": _("The daily check of the log found a contradiction"),
        "log.restored": _("The log goes on after an older backup was restored"),
        "notice.read": _("Read a notice"),
        "owner.number_replaced": _("Replaced the number that confirms visits"),
        "policy_comparison.requested": _("Asked what on-demand would change"),
        "policy_comparison.stopped": _("Stopped a comparison"),
        "part.serial_elsewhere": _("A serial was fitted that is known from another elevator"),
        "phone.handed_over": _("Read a hand-over file of a phone"),
        "photo.refused": _("A photo was refused"),
        "photo.repeats": _("A photo repeats one of another visit"),
        "phone.beacon_refused": _("A phone sent a server time that was not signed here"),
        "phone.chain_cut": _("A phone sent entries before which others are missing"),
        "phone.chain_forked": _("A phone signed two entries for one place in its chain"),
        "phone.enrolled": _("Enrolled their phone"),
        "phone.entries_refused": _("What a phone sent was refused"),
        "phone.invite_refused": _("Typed a wrong invitation for a phone"),
        "phone.invite_withdrawn": _("Took back an invitation for a phone"),
        "phone.invited": _("Invited a technician's phone"),
        "phone.other_session": _("Sent entries of another technician's phone and was refused"),
        "passkey.added": _("Added a passkey"),
        "passkey.copied": _("A passkey was used whose count of uses went back: it may have been copied"),
        "passkey.refused": _("A passkey was not accepted"),
        "passkey.removed": _("Removed a passkey"),
        "phone.revoked": _("Revoked a technician's phone"),
        "phone.sent_after_revocation": _("A revoked phone sent entries"),
        "plan_run.committed": _("Committed a plan"),
        "plan_run.discarded": _("Discarded a plan"),
        "plan_run.published": _("Published rounds"),
        "plan_run.requested": _("Asked for a plan"),
        "plan_run.stopped": _("Stopped the planner"),
        "repair.applied": _("Carried out a repair of the day"),
        "repair.discarded": _("Discarded a repair of the day"),
        "repair.proposed": _("Proposed a repair of the day"),
        "repair.undone": _("Undid a repair of the day"),
        "round.withdrawn": _("Withdrew a round"),
        "sign_in.done": _("Signed in"),
        "sign_in.refused": _("A sign-in was refused"),
        "risk.costs_reset": _("Took the sample costs of failures"),
        "risk.costs_set": _("Set the costs of failures"),
        "risk.fitted": _("Failure risk was estimated"),
        "risk.requested": _("Asked for an estimate of failure risk"),
        "records.replayed": _("Replayed what was not accepted"),
        "special_check.noted": _("Noted a special check"),
        "special_period.added": _("Added a special period"),
        "special_period.changed": _("Changed a special period"),
        "special_period.removed": _("Removed a special period"),
        "positions.forgotten": _("Forgot where people were, after the period of the rules"),
        "visit.abandoned": _("Abandoned a visit"),
        "visit.accepted": _("Accepted a visit after a look"),
        "visit.confirmed": _("Confirmed a visit"),
        "visit.corrected": _("Corrected a visit's record"),
        "visit.disputed": _("Disputed a visit"),
        "visit.finished": _("Finished a visit"),
        "visit.graded": _("The proof of a visit has a new grade"),
        "visit.joined": _("Came to a visit as the second technician"),
        "visit.left": _("Left a visit as the second technician"),
        "visit.order_moved": _("Did a stop that had been moved meanwhile"),
        "visit.opened": _("Arrived at an elevator"),
        "visit.reopened": _("Took the acceptance of a visit back"),
        "visit.refused": _("Refused a visit"),
        "work_calendar.changed": _("Changed the calendar of public holidays"),
        "round.paused": _("Paused the round"),
        "round.reordered": _("Put the round in another order"),
        "round.resumed": _("Took the round up again"),
        "round.started": _("Began the round"),
        "swap.accepted": _("Accepted a swap of stops"),
        "swap.declined": _("Declined a swap of stops"),
        "swap.offered": _("Offered a swap of stops"),
        "swap.withdrawn": _("Took an offered swap back"),
        "work_order.cancelled": _("Cancelled a stop"),
        "work_order.rejected": _("Handed a stop back"),
        "work_order.rejection_undone": _("Took a stop up again"),
    }


def detail(details: Mapping[str, object]) -> str:
    """Return the details of a line in one line: names and known values in words, texts that somebody typed as they are."""
    names = _details()
    told = {name: _plain(name, value) for name, value in details.items() if value not in (None, "", [], {})}
    return ", ".join(f"{names.get(name, name)}: {value}" for name, value in told.items())


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(str(part) for part in value)
    if name in _KEPT:
        return _KEPT[name](value)
    words = _WORDS.get(name)
    return words(str(value)) if words else str(value)


_KEPT: dict[str, Callable[[object], str]] = {"why": entry_deeds.why, "reasons": entry_deeds.refused}
"""Names of details that hold more than a text → how it is told."""


_WORDS: dict[str, Callable[[str], str]] = {
    "role": office_words.role, "severity": visit_words.severity, "kind": office_words.period_kind,
    "counter": office_words.counter, "planned": visit_words.planned, "how": visit_words.how_known,
    "entry": kind_name,
}  # fmt: skip
"""Names of details whose values are codes → what people call them."""


def _details() -> dict[str, str]:
    return {
        "active": _("Switched on"), "at": _("When"), "before": _("Before"), "how": _("How"), "now": _("Now"),
        "number": _("Number"),
        "blank": _("Blank"), "by": _("Replaced by"), "check": _("Check"),
        "count": _("How many"), "counter": _("Counter"), "counts": _("Counts"), "done_on": _("Done on"),
        "created": _("Added"), "updated": _("Updated"), "file": _("File"),
        "elevator": _("Elevator"), "ends_on": _("Last day"), "fields": _("Fields"), "kind": _("Kind"), "login": _("Login"),
        "name": _("Name"), "planned": _("Planned"), "reason": _("Reason"), "role": _("Role"),
        "sessions": _("Sessions"), "severity": _("Severity"),
        "starts_on": _("First day"), "version": _("Version"),
        "why": _("Reason"), "reasons": _("Reason"), "entry": _("Entry"), "entries": _("Entries"), "phone": _("Phone"),
        "visit": _("Visit"), "technician": _("Technician"), "note": _("Note"), "grade": _("Grade"),
        "seq": _("Number on the phone"),
    }  # fmt: skip
