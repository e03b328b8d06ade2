"""The descriptor pool of our messages, apart from protobuf's default pool.

Real PySpark registers files and messages of the same names in the default pool; ours live in a pool of their own, so
both can be imported in one process in either order. Every generated module of this package calls load() once, after
the modules it depends on; classes are made when they are first asked for.
"""

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message_factory import GetMessageClass

POOL = DescriptorPool()


def load(serialized, namespace):
    """Registers one file; returns its descriptor and the module-level __getattr__ and __dir__ of its messages."""
    file = POOL.AddSerializedFile(serialized) or _added(serialized)
    messages = file.message_types_by_name
    enums = file.enum_types_by_name

    def find(name):
        if name in messages:
            return GetMessageClass(messages[name])
        if name in enums:
            return EnumTypeWrapper(enums[name])
        for enum in enums.values():
            if name in enum.values_by_name:
                return enum.values_by_name[name].number
        raise AttributeError(f"{file.name} defines no {name!r}")

    def getattr_(name):
        value = find(name)
        namespace[name] = value
        return value

    def dir_():
        values = (v for enum in enums.values() for v in enum.values_by_name)
        return sorted({*messages, *enums, *values, "DESCRIPTOR"})

    return file, getattr_, dir_


def _added(serialized):
    """The pure-Python protobuf answers None to AddSerializedFile."""
    from google.protobuf.descriptor_pb2 import FileDescriptorProto

    return POOL.FindFileByName(FileDescriptorProto.FromString(serialized).name)
