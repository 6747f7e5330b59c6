"""The tamper-evident log, pure: hashing, proofs, signed checkpoints, and the bundle that carries them (docs/log.md).

``merkle``      the Merkle tree of RFC 9162: root, inclusion and consistency proofs, and their checks
``tiles``       how the tree is stored, so that a proof over millions of leaves reads a handful of rows (C2SP tlog-tiles)
``note``        signed notes (C2SP signed-note) with Ed25519
``checkpoint``  the body of a note that names the log, its size and its root (C2SP tlog-checkpoint)
``keys``        the keys that sign checkpoints, and their file
``leaf``        what is logged of a record: two salted commitments, no personal data
``bundle``      a record with its proof, and the check of it
"""
