"""The cloudpickle that PySpark carries: here the package of that name."""
import sys

import cloudpickle

sys.modules[__name__] = cloudpickle
