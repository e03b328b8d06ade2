"""Mathematics on numbers and bits."""
from pyspark_compat.sql.functions._call import call, call_math, deprecated, lit, number, option_number
from pyspark_compat.sql.functions._call import seed as _seed


def abs(col):
    return call("abs", col)


def acos(col):
    return call("acos", col)


def acosh(col):
    return call("acosh", col)


def asin(col):
    return call("asin", col)


def asinh(col):
    return call("asinh", col)


def atan(col):
    return call("atan", col)


def atan2(col1, col2):
    return call_math("atan2", col1, col2)


def atanh(col):
    return call("atanh", col)


def bin(col):
    return call("bin", col)


def cbrt(col):
    return call("cbrt", col)


def conv(col, fromBase, toBase):
    return call("conv", col, lit(fromBase), lit(toBase))


def cos(col):
    return call("cos", col)


def cosh(col):
    return call("cosh", col)


def cot(col):
    return call("cot", col)


def csc(col):
    return call("csc", col)


def degrees(col):
    return call("degrees", col)


def e():
    return call("e")


def exp(col):
    return call("exp", col)


def expm1(col):
    return call("expm1", col)


def factorial(col):
    return call("factorial", col)


def hex(col):
    return call("hex", col)


def hypot(col1, col2):
    return call_math("hypot", col1, col2)


def log10(col):
    return call("log10", col)


def log1p(col):
    return call("log1p", col)


def ln(col):
    return call("ln", col)


def log2(col):
    return call("log2", col)


def negative(col):
    return call("negative", col)


def pi():
    return call("pi")


def positive(col):
    return call("positive", col)


def pmod(dividend, divisor):
    return call_math("pmod", dividend, divisor)


def width_bucket(v, min, max, numBucket):
    return call("width_bucket", v, min, max, number(numBucket))


def pow(col1, col2):
    return call_math("power", col1, col2)


def radians(col):
    return call("radians", col)


def rint(col):
    return call("rint", col)


def sec(col):
    return call("sec", col)


def shiftleft(col, numBits):
    return call("shiftleft", col, lit(numBits))


def shiftright(col, numBits):
    return call("shiftright", col, lit(numBits))


def shiftrightunsigned(col, numBits):
    return call("shiftrightunsigned", col, lit(numBits))


def signum(col):
    return call("signum", col)


def sign(col):
    return call("sign", col)


def sin(col):
    return call("sin", col)


def sinh(col):
    return call("sinh", col)


def sqrt(col):
    return call("sqrt", col)


def try_add(left, right):
    return call("try_add", left, right)


def try_avg(col):
    return call("try_avg", col)


def try_divide(left, right):
    return call("try_divide", left, right)


def try_mod(left, right):
    return call("try_mod", left, right)


def try_multiply(left, right):
    return call("try_multiply", left, right)


def try_subtract(left, right):
    return call("try_subtract", left, right)


def try_sum(col):
    return call("try_sum", col)


def tan(col):
    return call("tan", col)


def tanh(col):
    return call("tanh", col)


def unhex(col):
    return call("unhex", col)


def round(col, scale=None):
    return call("round", col, lit(0) if scale is None else number(scale))


def bround(col, scale=None):
    return call("bround", col, lit(0) if scale is None else number(scale))


def ceil(col, scale=None):
    return call("ceil", col, option_number(scale))


def ceiling(col, scale=None):
    return call("ceiling", col, option_number(scale))


def floor(col, scale=None):
    return call("floor", col, option_number(scale))


def log(arg1, arg2=None):
    return call("ln", arg1) if arg2 is None else call("log", lit(arg1), arg2)


def uniform(min, max, seed=None):
    return call("uniform", lit(min), lit(max), _seed() if seed is None else lit(seed))


def shiftLeft(col, numBits):
    deprecated("3.2", "shiftleft")
    return shiftleft(col, numBits)


def shiftRight(col, numBits):
    deprecated("3.2", "shiftright")
    return shiftright(col, numBits)


def shiftRightUnsigned(col, numBits):
    deprecated("3.2", "shiftrightunsigned")
    return shiftrightunsigned(col, numBits)


def toDegrees(col):
    deprecated("2.1", "degrees")
    return degrees(col)


def toRadians(col):
    deprecated("2.1", "radians")
    return radians(col)


negate = negative
power = pow
