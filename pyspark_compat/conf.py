"""SparkConf: settings of an application, as text."""
from pyspark_compat.errors import PySparkRuntimeError

__all__ = ["SparkConf"]

SYSTEM = {"SPARK_SUBMIT": "true"}  # system properties: settings that every SparkConf starts with, by SparkContext.setSystemProperty


class SparkConf:
    """Settings given before the context starts. Setters give the object itself."""

    def __init__(self, loadDefaults=True, _jvm=None, _jconf=None):
        self._conf = {key: value for key, value in SYSTEM.items() if key.startswith("spark.")} if loadDefaults else {}

    def set(self, key, value):
        """Sets one setting."""
        self._conf[key] = str(value)
        return self

    def setIfMissing(self, key, value):
        """Sets one setting unless it is set."""
        return self if self.contains(key) else self.set(key, value)

    def setMaster(self, value):
        """Sets spark.master."""
        return self.set("spark.master", value)

    def setAppName(self, value):
        """Sets spark.app.name."""
        return self.set("spark.app.name", value)

    def setSparkHome(self, value):
        return self.set("spark.home", value)

    def setExecutorEnv(self, key=None, value=None, pairs=None):
        """Environment variables of the workers, one or many. Raises KEY_VALUE_PAIR_REQUIRED unless one form is used."""
        if (key is None) == (pairs is None):
            raise PySparkRuntimeError(errorClass="KEY_VALUE_PAIR_REQUIRED", messageParameters={})
        return self.setAll((f"spark.executorEnv.{k}", v) for k, v in (pairs or [(key, value)]))

    def setAll(self, pairs):
        """Sets pairs of key and value."""
        for key, value in pairs:
            self.set(key, value)
        return self

    def get(self, key, defaultValue=None):
        """The value of a setting, else the default."""
        return self._conf.get(key, defaultValue)

    def getAll(self):
        """Pairs of key and value."""
        return list(self._conf.items())

    def contains(self, key):
        """Whether the setting is set."""
        return key in self._conf

    def toDebugString(self):
        """The settings, one a line, in the order of their names."""
        return "\n".join("%s=%s" % pair for pair in sorted(self._conf.items()))
