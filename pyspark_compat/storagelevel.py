"""Where a frame's kept rows lie."""

__all__ = ["StorageLevel"]


class _Levels(type):
    """Levels that documents name and PySpark no longer lists: not attributes of the class itself."""

    @property
    def MEMORY_AND_DISK_SER_2(cls):
        return cls.MEMORY_AND_DISK_2


class StorageLevel(metaclass=_Levels):
    """Flags of where kept rows lie: disk, memory, off the heap, as objects or bytes, and how many copies."""

    def __init__(self, useDisk, useMemory, useOffHeap, deserialized, replication=1):
        self.useDisk = useDisk
        self.useMemory = useMemory
        self.useOffHeap = useOffHeap
        self.deserialized = deserialized
        self.replication = replication

    def _flags(self):
        return self.useDisk, self.useMemory, self.useOffHeap, self.deserialized, self.replication

    def __repr__(self):
        return "StorageLevel(%s, %s, %s, %s, %s)" % self._flags()

    def __str__(self):
        places = [name for name, used in zip(("Disk", "Memory", "OffHeap"), self._flags()) if used]
        places.append("Deserialized" if self.deserialized else "Serialized")
        return " ".join(places) + f" {self.replication}x Replicated"

    def __eq__(self, other):
        return isinstance(other, StorageLevel) and self._flags() == other._flags()


StorageLevel.NONE = StorageLevel(False, False, False, False)
StorageLevel.DISK_ONLY = StorageLevel(True, False, False, False)
StorageLevel.DISK_ONLY_2 = StorageLevel(True, False, False, False, 2)
StorageLevel.DISK_ONLY_3 = StorageLevel(True, False, False, False, 3)
StorageLevel.MEMORY_ONLY = StorageLevel(False, True, False, False)
StorageLevel.MEMORY_ONLY_2 = StorageLevel(False, True, False, False, 2)
StorageLevel.MEMORY_AND_DISK = StorageLevel(True, True, False, False)
StorageLevel.MEMORY_AND_DISK_2 = StorageLevel(True, True, False, False, 2)
StorageLevel.OFF_HEAP = StorageLevel(True, True, True, False, 1)
StorageLevel.MEMORY_AND_DISK_DESER = StorageLevel(True, True, False, True)
