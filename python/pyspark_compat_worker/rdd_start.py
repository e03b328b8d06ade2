"""Where Spark begins to spread a partition's elements: the first number of its XORShiftRandom for the partition."""

_32, _64 = (1 << 32) - 1, (1 << 64) - 1


def first_place(split, partitions):
    """A number below `partitions`."""
    state = _seed(split)
    if partitions & (partitions - 1) == 0:
        return partitions * _next(state)[0] >> 31
    while True:
        drawn, state = _next(state)
        place = drawn % partitions
        if drawn - place + partitions - 1 < 1 << 31:  # the last numbers would make some places likelier
            return place


def _next(state):
    state ^= state << 21 & _64
    state ^= state >> 35
    state ^= state << 4 & _64
    return state & ((1 << 31) - 1), state


def _seed(split):
    body = split.to_bytes(8, "big")
    low = _murmur(body, 0x3C074A61)
    return _murmur(body, low) << 32 | low


def _murmur(body, seed):
    """MurmurHash3 of 32 bits, of whole words."""
    h = seed
    for at in range(0, len(body), 4):
        k = int.from_bytes(body[at:at + 4], "little") * 0xCC9E2D51 & _32
        h ^= _turned(k, 15) * 0x1B873593 & _32
        h = (_turned(h, 13) * 5 + 0xE6546B64) & _32
    h ^= len(body)
    h = (h ^ h >> 16) * 0x85EBCA6B & _32
    h = (h ^ h >> 13) * 0xC2B2AE35 & _32
    return h ^ h >> 16


def _turned(word, by):
    return (word << by | word >> (32 - by)) & _32
