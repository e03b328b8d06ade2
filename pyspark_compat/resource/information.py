"""ResourceInformation: a resource that a task was given."""


class ResourceInformation:
    """A resource's name and the addresses of its units."""

    def __init__(self, name, addresses):
        self._name = name
        self._addresses = addresses

    @property
    def name(self):
        return self._name

    @property
    def addresses(self):
        return self._addresses
