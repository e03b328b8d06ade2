"""Settings of a session while it runs."""
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat_worker.errors import wrong_type

__all__ = ["RuntimeConfig"]

_NOTHING = object()


class RuntimeConfig:
    """`spark.conf`: values are text. The engine checks them, and refuses to change static ones."""

    def __init__(self, jconf):
        self._engine = jconf

    @user_facing
    def set(self, key, value):
        """Sets a value; bools become "true" and "false". Raises where the setting cannot change or take the value."""
        self._check_type(key, "key")
        if not isinstance(value, (str, int)):
            raise wrong_type("bool, int or str", "value", value)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._engine.settings("set", pairs=[(key, text)])

    @user_facing
    def get(self, key, default=_NOTHING):
        """The value, else the default given. Raises SQL_CONF_NOT_FOUND without either."""
        self._check_type(key, "key")
        if default is _NOTHING:
            return self._engine.settings("get", [key])[0][1]
        if default is not None:
            self._check_type(default, "default")
        return self._engine.settings("get_with_default", pairs=[(key, default)])[0][1]

    @property
    @user_facing
    def getAll(self):
        """Every setting with its value."""
        return dict(self._engine.settings("get_all"))

    @user_facing
    def unset(self, key):
        """Gives a setting its default again."""
        self._check_type(key, "key")
        self._engine.settings("unset", [key])

    @user_facing
    def isModifiable(self, key):
        """Whether the setting can be set while the session lives."""
        self._check_type(key, "key")
        return self._engine.settings("is_modifiable", [key])[0][1] == "true"

    def _check_type(self, obj, identifier):
        if not isinstance(obj, str):
            raise wrong_type("str", identifier, obj)
