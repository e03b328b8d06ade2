"""HyperLogLog: about how many distinct elements there are, from the longest runs of zeros in their hashes."""
import math

from .rdd_hash import portable_hash

_64 = (1 << 64) - 1
_PRIME = 0xC6A4A7935BD1E995
_SEED = 0xE17A1465
_HELD = 100_000  # hashes that are held, so that an element that comes often is looked at once

# up to these counts, by the number of bits from 4 on, the count of empty registers tells more
_LINEAR = (10, 20, 40, 80, 220, 400, 900, 1800, 3100, 6500, 15500, 20000, 50000, 120000, 350000)


class Registers:
    """A partition's registers that are not empty, by their places."""

    def __init__(self, bits):
        self.bits = bits

    def __call__(self, split, flow):
        registers, held = {}, set()
        for element in flow:
            held.add(portable_hash(element) & 0xFFFFFFFF)
            if len(held) >= _HELD:
                self._note(held, registers)
                held.clear()
        self._note(held, registers)
        return iter([registers])

    def _note(self, hashes, registers):
        bits = self.bits
        for number in hashes:
            x = _hash64(str(number).encode())
            place = x >> (64 - bits)
            rest = (x << bits & _64) | ((1 << bits - 1) + 1)
            length = 65 - rest.bit_length()
            if registers.get(place, 0) < length:
                registers[place] = length


def _hash64(body):
    """MurmurHash2 of 64 bits."""
    h = _SEED ^ (len(body) * _PRIME & _64)
    whole = len(body) & ~7
    for at in range(0, whole, 8):
        k = int.from_bytes(body[at:at + 8], "little") * _PRIME & _64
        k = (k ^ k >> 47) * _PRIME & _64
        h = (h ^ k) * _PRIME & _64
    if len(body) > whole:
        h = (h ^ int.from_bytes(body[whole:], "little")) * _PRIME & _64
    h = (h ^ h >> 47) * _PRIME & _64
    return h ^ h >> 47


def estimate(registers, bits):
    """The number of distinct elements that the registers tell of."""
    count = 1 << bits
    empty = count - len(registers)
    if empty:
        linear = count * math.log(count / empty)
        if linear < _LINEAR[bits - 4] if bits <= 18 else linear <= 5 * count:
            return round(linear)
    raw = _alpha(bits) * count * count / (empty + sum(2.0**-length for length in registers.values()))
    return round(raw if raw > 5 * count else _unbiased(registers, empty, bits))


def _alpha(bits):
    return {4: 0.673, 5: 0.697, 6: 0.709}.get(bits) or 0.7213 / (1 + 1.079 / (1 << bits))


def _unbiased(registers, empty, bits):
    """Ertl's estimate, which needs no table of measured errors where the raw one is too great."""
    count, longest = 1 << bits, 64 - bits
    often = [0] * (longest + 2)
    often[0] = empty
    for length in registers.values():
        often[length] += 1
    z = count * _tau(1 - often[longest + 1] / count)
    for length in range(longest, 0, -1):
        z = 0.5 * (z + often[length])
    z += count * _sigma(often[0] / count)
    return count * count / (2 * math.log(2)) / z


def _sigma(x):
    if x == 1:
        return math.inf
    y, z, before = 1.0, x, None
    while z != before:
        x *= x
        before, z, y = z, z + x * y, y + y
    return z


def _tau(x):
    if x in (0, 1):
        return 0.0
    y, z, before = 1.0, 1 - x, None
    while z != before:
        x = math.sqrt(x)
        y *= 0.5
        before, z = z, z - (1 - x) ** 2 * y
    return z / 3
