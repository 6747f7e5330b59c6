"""Label codes, their printing, and proofs of scanning: pure, without database, HTTP, clock or environment.

``keys``      the secret keys by epoch, and their file
``code``      minting, reading, verifying a label's code (``crockford``: its alphabet)
``symbol``    the QR code as SVG, PNG, terminal text or vectors in a PDF
``label``     one printed label; ``sheet`` many of them on a maker's ``stock``, and the calibration page
``notice``    the A6 notice in the car
``typeset``   Chinese and Latin text on a PDF page (``pdf`` opens one)
``proof``     what the two scans of a visit prove
``chain``     what a phone signs: entries, their chain, server times, what time an entry can have
``canonical`` JSON as bytes (RFC 8785)
``log``       the tamper-evident log: Merkle tree, signed checkpoints, bundles
``errors``    the refusals, in Chinese and English
"""
