"""Columns print, and fail, as PySpark's do. columns.json holds what PySpark 4.3.0 gave for each expression."""

import datetime
import decimal
import json
import pathlib
import re
import warnings

import pytest

from pyspark_compat import _expressions as ex
from pyspark_compat._proto import expressions
from pyspark_compat.sql import Column, Window
from pyspark_compat.sql import functions as F
from pyspark_compat.sql import types as T

RECORDED = json.loads((pathlib.Path(__file__).parent / "columns.json").read_text())
NAMES = {"F": F, "T": T, "Window": Window, "c": F.col, "L": F.lit, "datetime": datetime, "decimal": decimal}


def message_of(node):
    message = expressions.Expression()
    ex.fill(message, node)
    return message


def answer(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = eval(text, dict(NAMES))
        except Exception as e:
            if not hasattr(e, "getCondition"):
                return {"error": type(e).__name__}
            condition = e.getCondition()
            return {"error": type(e).__name__, "condition": condition, "parameters": e.getMessageParameters() or {},
                    "state": e.getSqlState() if condition else None}
    shown = value if isinstance(value, str) else repr(value)
    return re.sub(r"\b([xyz])_\d+", r"\1", shown)


@pytest.mark.parametrize("text", sorted(RECORDED))
def test_as_recorded(text):
    want = RECORDED[text]
    if isinstance(want, dict):
        want = {**want, "parameters": want.get("parameters") or {}} if "condition" in want else want
    assert answer(text) == want


@pytest.mark.parametrize("text", sorted(t for t, want in RECORDED.items() if str(want).startswith("Column<")))
def test_becomes_a_message(text):
    """Every column that can be built can be sent."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        column = eval(text, dict(NAMES))
    message = message_of(column._expr)
    assert message.WhichOneof("expr_type")
    assert type(message).FromString(message.SerializeToString()) == message


def test_message_of_each_kind():
    def sent(column):
        return message_of(column._expr)

    attribute = message_of(ex.attribute("a.b", 7, True)).unresolved_attribute
    assert (attribute.unparsed_identifier, attribute.plan_id, attribute.is_metadata_column) == ("a.b", 7, True)
    assert message_of(ex.star(plan_id=3)).unresolved_star.plan_id == 3
    assert sent(F.col("a.*")).unresolved_star.unparsed_target == "a.*"
    plus = sent(F.col("a") + 1).unresolved_function
    assert (plus.function_name, plus.arguments[1].literal.integer) == ("+", 1)
    assert sent(F.count_distinct("a")).unresolved_function.is_distinct
    assert sent(F.expr("a+1")).expression_string.expression == "a+1"
    named = sent(F.col("a").alias("z", metadata={"k": 1})).alias
    assert (list(named.name), json.loads(named.metadata)) == (["z"], {"k": 1})
    cast = sent(F.col("a").try_cast("decimal(5,2)")).cast
    assert (cast.type.decimal.precision, cast.eval_mode) == (5, 3)
    order = sent(F.col("a").desc()).sort_order
    assert (order.direction, order.null_ordering) == (2, 2)
    over = sent(F.sum("a").over(Window.partitionBy("b").orderBy("c").rowsBetween(-2, Window.currentRow))).window
    assert len(over.partition_spec) == 1 and over.order_spec[0].direction == 1
    assert over.frame_spec.frame_type == 1 and over.frame_spec.lower.value.literal.integer == -2
    assert over.frame_spec.upper.current_row
    mapped = sent(F.transform("a", lambda x: x + 1)).unresolved_function.arguments[1].lambda_function
    assert list(mapped.arguments[0].name_parts) == list(
        mapped.function.unresolved_function.arguments[0].unresolved_named_lambda_variable.name_parts)
    assert sent(F.col("a")["k"]).unresolved_extract_value.extraction.literal.string == "k"
    update = sent(F.col("a").withField("f", F.lit(1))).update_fields
    assert update.field_name == "f" and update.value_expression.literal.integer == 1
    assert not sent(F.col("a").dropFields("f")).update_fields.HasField("value_expression")
    case = sent(F.when(F.col("a"), 1).otherwise(2)).unresolved_function
    assert case.function_name == "when" and len(case.arguments) == 3


def test_python_function_message():
    import cloudpickle

    double = F.udf(lambda x, y=0: x + y, "bigint")
    message = message_of(double("a", y=F.col("b"))._expr).common_inline_user_defined_function
    assert message.function_name == "<lambda>" and message.deterministic
    assert message.python_udf.eval_type == 101 and message.python_udf.output_type.HasField("long")
    assert message.arguments[1].named_argument_expression.key == "y"
    function, data_type, eval_type, name = cloudpickle.loads(message.python_udf.command)
    assert function(1, 2) == 3 and (data_type, eval_type, name) == (T.LongType(), 101, "<lambda>")
    assert not message_of(double.asNondeterministic()("a")._expr).common_inline_user_defined_function.deterministic


def test_literals_reach_the_wire():
    def literal(value):
        return message_of(F.lit(value)._expr).literal

    assert literal(1 << 40).long == 1 << 40 and literal(2.5).double == 2.5 and literal("é").string == "é"
    assert literal(True).boolean is True and literal(b"x").binary == b"x"
    assert literal(None).null.HasField("null")
    assert literal(datetime.date(1970, 1, 2)).date == 1
    assert literal(datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.UTC)).timestamp == 1_000_000
    assert literal(datetime.timedelta(seconds=-1)).day_time_interval == -1_000_000
    number = literal(decimal.Decimal("12.50")).decimal
    assert (number.value, number.precision, number.scale) == ("12.50", 4, 2)
    small = literal(decimal.Decimal("0.01")).decimal
    assert (small.precision, small.scale) == (2, 2)
    with pytest.raises(OverflowError):
        literal(1 << 70)


def test_numpy_values_are_literals():
    np = pytest.importorskip("numpy")
    assert repr(F.lit(np.int64(3))) == "Column<'CAST(3 AS BIGINT)'>"
    assert repr(F.lit(np.float64(1.5))) == "Column<'1.5'>"
    assert repr(F.lit(np.array([1, 2], dtype="int32"))) == "Column<'CAST(array(1, 2) AS ARRAY<INT>)'>"
    assert message_of(F.lit(np.bool_(True))._expr).literal.boolean


def test_a_long_chain_can_be_sent():
    column = F.col("a")
    for i in range(5000):
        column = column + i
    message = message_of(column._expr)
    assert message.unresolved_function.arguments[1].literal.integer == 4999
    assert len(message.SerializeToString()) > 5000
    for i in range(5000):
        column = column | i
    with pytest.raises(RecursionError, match="withColumn"):  # protobuf would overflow the thread's stack
        message_of(column._expr)


def test_columns_are_not_hashable_nor_true():
    with pytest.raises(TypeError):
        hash(F.col("a"))
    assert isinstance(F.col("a") == 1, Column)


def test_importing_functions_loads_nothing_heavy():
    import subprocess
    import sys

    heavy = ["pyarrow", "pandas", "numpy", "grpc", "google.protobuf", "cloudpickle", "pyspark_compat._gopy"]
    code = ("import sys\nfrom pyspark_compat.sql import functions as F, types as T, Window\nF.sum('a').over(Window.orderBy('b'))\n"
            f"print([m for m in {heavy!r} if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
