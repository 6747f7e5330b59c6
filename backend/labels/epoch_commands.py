"""`liftrounds labels epochs | rotate | retire | restore | keep`: the keys behind the codes."""

from __future__ import annotations

import click

from backend.labels import epochs as key_epochs
from backend.labels import service
from backend.labels.terminal import firm_option, json_option, run, run_for_all, tell, tell_json, tell_one
from backend.labels.views import EpochView, LabelView
from backend.scope import Scope
from backend.settings import Settings
from qr.keys import KeyRing


@click.command()
@json_option
def epochs(as_json: bool) -> None:
    """List the key epochs and how many labels hang on each.

    \b
    Example:
      liftrounds labels epochs
    """
    _tell_epochs(run_for_all(lambda scope, ring, _settings: service.epochs(scope, ring)), as_json)


def _tell_epochs(found: list[EpochView], as_json: bool) -> None:
    if as_json:
        tell_json(found)
        return
    for row in found:
        kept = f" ({row.kept} kept)" if row.kept else ""
        click.echo(f"{row.epoch:>3}  {row.state.value:<9}  {row.active} active{kept}, {row.blank} blank, {row.ended} ended")


@click.command()
@json_option
def rotate(as_json: bool) -> None:
    """Add a newer key: it makes new labels from now on, and those of the older ones stay valid.

    \b
    Example:
      liftrounds labels rotate
    """

    async def work(scope: Scope, _ring: KeyRing, settings: Settings) -> int:
        return await key_epochs.rotate(scope, settings)

    epoch = run_for_all(work)
    if as_json:
        tell_json({"epoch": epoch})
        return
    click.echo(f"epoch {epoch} makes new labels from now on; back the key file up: liftrounds backup")


@click.command()
@click.argument("epoch", type=click.IntRange(min=0))
@click.option("--yes", is_flag=True, help="Do it; without it the labels that would stop are listed and nothing is changed.")
@click.option("--stop-claimed", is_flag=True, help="Stop claimed labels too: new ones have to be printed for these cars.")
@json_option
def retire(epoch: int, yes: bool, stop_claimed: bool, as_json: bool) -> None:
    """Retire a key, say after it leaked: list the labels that stop, and with --yes stop them.

    Labels that are claimed stay valid without reprinting: they go on a list in the database, and only listed labels of a
    retired key open their elevator. Blank labels stop. `liftrounds labels restore` takes it back.

    \b
    Examples:
      liftrounds labels retire 0
      liftrounds labels retire 0 --yes
      liftrounds labels retire 0 --stop-claimed --yes --json
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> list[LabelView]:
        if yes:
            return await key_epochs.retire(scope, settings, ring, epoch, keep_claimed=not stop_claimed)
        return await service.labels_that_stop(scope, ring, epoch, keep_claimed=not stop_claimed)

    stopping = run_for_all(work)
    if as_json:
        tell_json({"epoch": epoch, "retired": yes, "labels": stopping})
        return
    tell(stopping, as_json=False)
    said = f"{len(stopping)} labels stopped" if yes else f"{len(stopping)} labels would stop; add --yes to retire epoch {epoch}"
    click.echo(said, err=True)


@click.command()
@click.argument("epoch", type=click.IntRange(min=0))
@json_option
def restore(epoch: int, as_json: bool) -> None:
    """Take the retirement of a key back: all its labels are valid again.

    \b
    Example:
      liftrounds labels restore 0
    """

    async def work(scope: Scope, ring: KeyRing, settings: Settings) -> None:
        await key_epochs.restore(scope, settings, ring, epoch)

    run_for_all(work)
    if as_json:
        tell_json({"epoch": epoch, "retired": False})
        return
    click.echo(f"the labels of epoch {epoch} are valid again")


@click.command()
@click.argument("code_text", metavar="CODE")
@firm_option
@json_option
def keep(code_text: str, firm: str | None, as_json: bool) -> None:
    """Keep one claimed label valid without reprinting, although its key is retired or will be.

    Look at the label in the car first: it must hang where the record says.

    \b
    Example:
      liftrounds labels keep 8KQ3T-4ZVXA-BC0D7
    """
    tell_one(run(firm, lambda scope, ring, _settings: service.keep(scope, ring, code_text)), as_json)


EPOCH_COMMANDS = (epochs, rotate, retire, restore, keep)
