"""TaskContext and barrier stages."""
import pytest
from contexts import run_refusal


@pytest.fixture
def sc(spark):
    return spark.sparkContext


@pytest.fixture
def contexts(api):
    return api.root.TaskContext, api.root.BarrierTaskContext


def test_in_the_driver(check, contexts):
    check(contexts[0].get())
    check.error(contexts[1].get)


def test_in_tasks(check, sc, contexts):
    kind = contexts[0]

    def told(split, elements):
        task = kind.get()
        return [[type(task).__name__, task.partitionId() == split, task.attemptNumber(), task.cpus(), str(task.cpuAmount()),
                 task.resources(), len(list(elements)), task is kind.get(), task is kind()]]

    check(sc.parallelize(range(4), 2).mapPartitionsWithIndex(told).collect())
    ids = sc.parallelize(range(4), 2).map(lambda x: (kind.get().stageId(), kind.get().taskAttemptId(), kind.get().partitionId())).collect()
    check([len({stage for stage, _, _ in ids}), len({task for _, task, _ in ids}), sorted({part for _, _, part in ids})])
    later = sc.parallelize(range(4), 2).map(lambda x: kind.get().taskAttemptId()).collect()
    check(min(later) > max(task for _, task, _ in ids))


def test_stages_have_numbers(check, sc, contexts):
    kind = contexts[0]
    made = sc.parallelize([(1, 2), (2, 3)], 2).map(lambda x: (x[0], kind.get().stageId())).groupByKey(2)
    stages = made.flatMap(lambda x: [(before, kind.get().stageId()) for before in x[1]]).collect()
    check(all(before < after for before, after in stages))


def test_barrier(check, sc, contexts):
    kind = contexts[1]

    def meet(elements):
        task = kind.get()
        task.barrier()
        said = task.allGather(f"from {task.partitionId()}")
        return [[type(task).__name__, task.partitionId(), said, task.allGather(), len(task.getTaskInfos()),
                 all(":" in info.address for info in task.getTaskInfos()), list(elements)]]

    check(sc.parallelize(range(4), 2).barrier().mapPartitions(meet).collect())
    check(sc.parallelize(range(4), 2).map(lambda x: x + 1).barrier().mapPartitionsWithIndex(lambda i, it: [(i, sum(it))]).map(str).collect())


def test_barrier_refusals(check, sc, contexts):
    kind = contexts[1]
    check(run_refusal(lambda: sc.parallelize([1], 1).map(lambda x: kind.get()).collect()))
    check(run_refusal(lambda: sc.parallelize([1], 1).barrier().mapPartitions(lambda it: kind.get().allGather(5)).collect()) != "no error")


@pytest.mark.only_ours("PySpark tries again for ten minutes before it refuses")
def test_barrier_of_more_tasks_than_cores(sc):
    with pytest.raises(Exception, match="slots"):
        sc.parallelize(range(4), 4).barrier().mapPartitions(lambda it: it).collect()


def test_in_a_udf(check, spark, sc, contexts, F):
    kind = contexts[0]
    sc.setLocalProperty("udf.key", "value")
    told = F.udf(lambda x: f"{kind.get().getLocalProperty('udf.key')} {kind.get().attemptNumber()} {kind.get().cpus()} "
                           f"{kind.get().taskAttemptId() >= 0} {kind.get().stageId() >= 0}", "string")
    check(spark.range(1).select(told("id").alias("t")))
    sc.setLocalProperty("udf.key", None)
