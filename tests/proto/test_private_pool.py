"""The generated Python bindings: their own pool, every message usable, real PySpark importable beside them."""

import importlib
import importlib.util
import pkgutil
import subprocess
import sys

import pytest

import pyspark_compat._proto as package

FILES = [m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")]


def test_every_file_is_there():
    assert {"base", "commands", "common", "expressions", "relations", "types", "catalog"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_name_of_a_file_resolves(name):
    module = importlib.import_module(f"pyspark_compat._proto.{name}")
    names = [n for n in dir(module) if n != "DESCRIPTOR"]
    assert names
    for each in names:
        assert getattr(module, each) is not None
    with pytest.raises(AttributeError):
        module.NoSuchMessage


def test_a_plan_goes_to_bytes_and_back():
    from pyspark_compat._proto import base, relations

    plan = base.Plan(root=relations.Relation(range=relations.Range(start=3, end=9, step=2)))
    again = base.Plan.FromString(plan.SerializeToString())
    assert again == plan
    assert again.root.WhichOneof("rel_type") == "range"
    assert relations.Join.JOIN_TYPE_INNER == relations.Join.JoinType.Value("JOIN_TYPE_INNER") == 1


def test_any_packs_and_unpacks():
    from pyspark_compat._proto import relations
    from pyspark_compat._proto.any import Any

    relation = relations.Relation()
    relation.extension.Pack(relations.Range(end=7))
    assert isinstance(relation.extension, Any)
    assert relation.extension.Is(relations.Range.DESCRIPTOR)
    out = relations.Range()
    assert relation.extension.Unpack(out) and out.end == 7
    assert not relation.extension.Unpack(relations.Limit())


def test_nothing_of_ours_is_in_the_default_pool():
    code = (
        "from pyspark_compat._proto import base, commands, relations\n"
        "relations.Relation(); base.Plan(); commands.Command()\n"
        "from google.protobuf import descriptor_pool\n"
        "try: descriptor_pool.Default().FindFileByName('spark/connect/relations.proto')\n"
        "except KeyError: print('apart')\n"
    )
    assert run(code) == "apart"


OURS = "from pyspark_compat._proto import base as ours; a = ours.Plan(); a.root.range.end = 5\n"
THEIRS = "from pyspark.sql.connect.proto import base_pb2 as theirs\n"


@pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="needs an installed PySpark")
@pytest.mark.parametrize("order", [OURS + THEIRS, THEIRS + OURS], ids=["ours first", "theirs first"])
def test_real_pyspark_in_the_same_process(order):
    code = order + "b = theirs.Plan.FromString(a.SerializeToString()); print(b.root.range.end, type(a) is type(b))"
    assert run(code) == "5 False"


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
