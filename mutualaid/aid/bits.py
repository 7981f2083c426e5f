"""Sets of words as bits, so that a database can sift by them. Two words may share a bit: whoever sifts checks again."""

from collections.abc import Iterable
from zlib import crc32

BITS = 62  # of a signed 64-bit column


def bits_of(words: Iterable[str]) -> int:
    """One bit a word. If two sets share a word they share a bit; not the other way round."""
    bits = 0
    for word in words:
        bits |= 1 << crc32(word.encode()) % BITS
    return bits
