"""The question to the elevator itself: whether its telemetry bears the visit out."""

from typing import Final

from qr.checks import Answer, Limits, Outcome, skipped
from qr.errors import Bilingual
from qr.evidence import ElevatorWord, Evidence, Verdict

_OUTCOMES: Final = {
    Verdict.CORROBORATED: Outcome.PASSED,
    Verdict.SILENT: Outcome.SKIPPED,
    Verdict.CONTRADICTED: Outcome.FAILED,
}


def elevator(evidence: Evidence, _: Limits) -> Answer:
    """Ask the elevator's own word; a copied label cannot feign it. Silence is no reproach: many have no monitor."""
    return answer_of(evidence.elevator)


def answer_of(word: ElevatorWord | None) -> Answer:
    """Return the answer that an elevator's word is."""
    if word is None:
        return skipped("没有电梯监测数据。", "No telemetry of the elevator was asked.")
    return _OUTCOMES[word.verdict], Bilingual(
        zh="".join(seen.zh for seen in word.seen), en=" ".join(seen.en for seen in word.seen)
    )
