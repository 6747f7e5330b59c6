"""A record with its proof in one file, and the check of it, which trusts nobody but the signer of the checkpoint.

The public bundle has the leaf, the public statement, the inclusion proof, the checkpoint and the log's public keys; the full
one has the record's body too. Reading is strict: unknown or repeated fields, fractions and numbers that not every reader
keeps whole are refused, so that two readers never see two different things in one file.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from cryptography.hazmat.primitives.constant_time import bytes_eq

from qr.canonical import canonical
from qr.errors import Bilingual
from qr.log import checkpoint, note
from qr.log.errors import BundleError, NoteError
from qr.log.leaf import LEAF_FORMAT, STATEMENT_FORMAT, Leaf, Statement, commitment, statement_bytes, statement_of
from qr.log.merkle import included, leaf_hash
from qr.log.note import Verifier

FORMAT: Final = "liftrounds-record-bundle/1"
LARGEST_BYTES: Final = 4 * 1024 * 1024
"""A record of some hundred items has some 100 kB."""

_MOST_EXACT: Final = 2**53 - 1
"""Largest whole number that a browser keeps exactly (RFC 7493)."""

Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$", min_length=64, max_length=64)]
_HEX = re.compile(r"[0-9a-f]{64}")


class Public(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The public statement with the salt of its commitment."""

    salt: Hex32
    statement: Statement


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record with the salt of its commitment."""

    salt: Hex32
    sha256: Hex32
    body: dict[str, Any]


class Bundle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A record with its proof."""

    format: str
    leaf: str
    """The leaf's data, canonical JSON as a text: these very bytes are hashed."""

    index: Annotated[int, msgspec.Meta(ge=0, le=_MOST_EXACT)]
    proof: Annotated[list[Hex32], msgspec.Meta(max_length=64)]
    """Inclusion proof, from the leaf upwards."""

    checkpoint: str
    """Signed note."""

    keys: list[str]
    """The log's public keys as it publishes them; whoever has a key from elsewhere uses that one."""

    public: Public
    record: Record | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was checked."""

    name: str
    """`record`, `commitment`, `agreement`, `public`, `inclusion` or `signature`."""

    ok: bool
    text: Bilingual


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What the check of a bundle found."""

    valid: bool
    steps: list[Step]
    index: int
    size: int | None
    """Number of leaves under the checkpoint; None where it could not be read."""

    origin: str | None
    statement: Statement
    has_record: bool
    signed_by: list[str]
    """Public keys whose signature holds."""

    key_from_bundle: bool
    """Whether those keys came with the bundle: then somebody must compare them with the ones that the log publishes."""


def encode(bundle: Bundle) -> bytes:
    """Return a bundle as the content of its file."""
    return msgspec.json.format(msgspec.json.encode(bundle)) + b"\n"


def read(content: bytes) -> Bundle:
    """Read the content of a bundle's file.

    Raises
    ------
    BundleError
        If it is none; the message says where.
    """
    if len(content) > LARGEST_BYTES:
        raise _no_bundle("文件过大", "the file is too large")
    try:
        found = msgspec.convert(_strict_json(content), Bundle)
    except msgspec.ValidationError as error:
        raise _no_bundle(str(error), str(error)) from None
    except (ValueError, RecursionError) as error:
        raise _no_bundle("不是可读的 JSON", f"it is no JSON that every reader reads alike ({error})") from None
    if found.format != FORMAT:
        raise _no_bundle(f"格式是 {found.format}", f"its format is {found.format}, and {FORMAT} is expected")
    return found


def check(bundle: Bundle, known: Sequence[Verifier] | None = None) -> Report:
    """Check a bundle.

    Parameters
    ----------
    bundle
        As read.
    known
        Keys that are trusted; None takes those that came with the bundle.
    """
    leaf = _leaf(bundle.leaf)
    steps = [*_record_steps(bundle, leaf), _public_step(bundle, leaf)]
    steps.append(_inclusion_step(bundle))
    signature, signed_by = _signature_step(bundle, known)
    steps.append(signature)
    try:
        claimed = checkpoint.unverified(bundle.checkpoint)
    except NoteError:
        claimed = None
    return Report(
        valid=all(step.ok for step in steps),
        steps=steps,
        index=bundle.index,
        size=None if claimed is None else claimed.size,
        origin=None if claimed is None else claimed.origin,
        statement=bundle.public.statement,
        has_record=bundle.record is not None,
        signed_by=[key.text for key in signed_by],
        key_from_bundle=known is None,
    )


def _record_steps(bundle: Bundle, leaf: Leaf | None) -> list[Step]:
    if bundle.record is None:
        return []
    record = bundle.record
    body_ok = bytes_eq(_sha256(canonical(record.body)).encode(), record.sha256.encode())
    expected = commitment(bytes.fromhex(record.salt), bytes.fromhex(record.sha256))
    try:
        agrees = statement_of(record.body) == bundle.public.statement
    except (KeyError, TypeError):
        agrees = False
    return [
        _step(
            "record", body_ok, "记录内容与其哈希一致", "记录内容与其哈希不一致：内容被改动过",
            "The record's content fits its hash", "The record's content does not fit its hash: it was changed",
        ),
        _step(
            "commitment", leaf is not None and bytes_eq(expected.encode(), leaf.record.encode()),
            "记录的哈希就是日志中登记的哈希", "日志中登记的不是这份记录",
            "The record's hash is the one that was logged", "What was logged is not this record",
        ),
        _step(
            "agreement", agrees, "公开说明与记录内容一致", "公开说明与记录内容不一致",
            "The public statement says what the record says", "The public statement says something else than the record",
        ),
    ]  # fmt: skip


def _public_step(bundle: Bundle, leaf: Leaf | None) -> Step:
    statement = bundle.public.statement
    expected = commitment(bytes.fromhex(bundle.public.salt), statement_bytes(statement))
    ok = leaf is not None and statement.format == STATEMENT_FORMAT and bytes_eq(expected.encode(), leaf.public.encode())
    return _step(
        "public", ok, "电梯、日期和维保类别就是日志中登记的", "日志中登记的不是这部电梯、日期或维保类别",
        "Elevator, day and class are those that were logged", "What was logged is another elevator, day or class",
    )  # fmt: skip


def _inclusion_step(bundle: Bundle) -> Step:
    try:
        claimed = checkpoint.unverified(bundle.checkpoint)
    except NoteError:
        ok = False
    else:
        proof = [bytes.fromhex(one) for one in bundle.proof]
        ok = included(leaf_hash(bundle.leaf.encode()), bundle.index, claimed.size, proof, claimed.root)
    return _step(
        "inclusion", ok, "该登记在检查点所示的日志之中", "该登记不在检查点所示的日志之中",
        "The leaf stands in the log that the checkpoint names", "The leaf does not stand in the log that the checkpoint names",
    )  # fmt: skip


def _signature_step(bundle: Bundle, known: Sequence[Verifier] | None) -> tuple[Step, Sequence[Verifier]]:
    try:
        keys = [note.verifier_of(key) for key in bundle.keys] if known is None else known
        signed = checkpoint.opened(bundle.checkpoint, keys)
    except NoteError as error:
        zh, en = error.text.zh.removesuffix("。"), error.text.en.removesuffix(".")
        told = Bilingual(zh=f"检查点的签名不成立：{zh}", en=f"The checkpoint's signature does not hold: {en}")
        return Step(name="signature", ok=False, text=told), ()
    told = Bilingual(zh="检查点由日志的密钥签名", en="The checkpoint is signed with the log's key")
    return Step(name="signature", ok=True, text=told), signed.signed_by


def _leaf(text: str) -> Leaf | None:
    """Return what a leaf says; None where it is not written in the one way that a leaf is written."""
    try:
        leaf = msgspec.json.decode(text.encode(), type=Leaf)
    except (msgspec.MsgspecError, ValueError):
        return None
    if leaf.format != LEAF_FORMAT or not _HEX.fullmatch(leaf.public) or not _HEX.fullmatch(leaf.record):
        return None
    return leaf if canonical(msgspec.to_builtins(leaf)) == text.encode() else None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _step(name: str, ok: bool, zh: str, not_zh: str, en: str, not_en: str) -> Step:
    return Step(name=name, ok=ok, text=Bilingual(zh=zh, en=en) if ok else Bilingual(zh=not_zh, en=not_en))


def _strict_json(content: bytes) -> Any:
    found = json.loads(
        content.decode("utf-8"),
        object_pairs_hook=_once_each,
        parse_float=_no_fraction,
        parse_constant=_no_fraction,
        parse_int=_exact,
    )
    canonical(found)  # refuses texts that are no Unicode
    return found


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice in one object")
    return found


def _no_fraction(text: str) -> Any:
    raise ValueError(f"{text[:20]} is no whole number")


def _exact(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > _MOST_EXACT or text == "-0":
        raise ValueError(f"{text[:20]} is a number that not every reader keeps whole")
    return int(text)


def _no_bundle(zh: str, en: str) -> BundleError:
    return BundleError("no_bundle", Bilingual(zh=f"不是记录包：{zh}。", en=f"This is no bundle: {en}."))
