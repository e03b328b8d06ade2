"""What a call raises, by its name."""

from pyspark_compat.errors import PySparkException


def condition_of(function):
    try:
        function()
    except PySparkException as e:
        return e.getCondition()
    except Exception as e:
        return type(e).__name__
    return None
