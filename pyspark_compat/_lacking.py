"""What PySpark's classes have and ours lack, in one table: each member raises NOT_IMPLEMENTED and says its name.

A row is a member with its parameters as PySpark has them; a bare name is a property, "@" marks a class method. To build
a member, write it in its class and delete its row here.
"""
import re

from pyspark_compat_worker.errors import not_implemented

LACKING = {
    "SparkSession": """
        addArtifact(*path, pyfile=False, archive=False, file=False)
        addArtifacts(*path, pyfile=False, archive=False, file=False)
        addTag(tag)
        clearTags()
        getTags()
        interruptAll()
        interruptOperation(op_id)
        interruptTag(tag)
        profile
        removeTag(tag)
        tvf
    """,
    "DataFrame": """
        approxQuantile(col, probabilities, relativeError)
        asTable()
        checkpoint(eager=True)
        crosstab(col1, col2)
        cube(*cols)
        exists()
        freqItems(cols, support=None)
        groupingSets(groupingSets, *cols)
        lateralJoin(other, on=None, how=None)
        localCheckpoint(eager=True, storageLevel=None)
        melt(ids, values, variableColumnName, valueColumnName)
        mergeInto(table, condition)
        nearestByJoin(other, rankingExpression, numResults, mode, direction, *, joinType='inner')
        pandas_api(index_col=None)
        plot
        repartitionById(numPartitions, partitionIdCol)
        repartitionByRange(numPartitions, *cols)
        rollup(*cols)
        scalar()
        to(schema)
        transpose(indexColumn=None)
        unpivot(ids, values, variableColumnName, valueColumnName)
        zip(other)
        zipWithIndex(indexColName='index')
    """,
    "DataFrameStatFunctions": """
        approxQuantile(col, probabilities, relativeError)
        crosstab(col1, col2)
        freqItems(cols, support=None)
    """,
    "GroupedData": """
        pivot(pivot_col, values=None)
        transformWithState(statefulProcessor, outputStructType, outputMode, timeMode, initialState=None,
            eventTimeColumnName='')
        transformWithStateInPandas(statefulProcessor, outputStructType, outputMode, timeMode,
            initialState=None, eventTimeColumnName='')
    """,
    "DataFrameReader": """
        changes(tableName)
        jdbc(url, table, column=None, lowerBound=None, upperBound=None, numPartitions=None, predicates=None,
            properties=None)
        orc(path, mergeSchema=None, pathGlobFilter=None, recursiveFileLookup=None, modifiedBefore=None,
            modifiedAfter=None)
        xml(path, rowTag=None, schema=None, excludeAttribute=None, attributePrefix=None, valueTag=None,
            ignoreSurroundingSpaces=None, rowValidationXSDPath=None, ignoreNamespace=None,
            wildcardColName=None, encoding=None, inferSchema=None, nullValue=None, dateFormat=None,
            timestampFormat=None, mode=None, columnNameOfCorruptRecord=None, multiLine=None,
            samplingRatio=None, locale=None)
    """,
    "DataFrameWriter": """
        bucketBy(numBuckets, col, *cols)
        clusterBy(*cols)
        jdbc(url, table, mode=None, properties=None)
        orc(path, mode=None, partitionBy=None, compression=None)
        sortBy(col, *cols)
        xml(path, rowTag=None, mode=None, attributePrefix=None, valueTag=None, rootTag=None, declaration=None,
            arrayElementName=None, nullValue=None, dateFormat=None, timestampFormat=None, compression=None,
            encoding=None, validateName=None)
    """,
    "DataFrameWriterV2": """
        append()
        clusterBy(col, *cols)
        create()
        createOrReplace()
        option(key, value)
        options(**options)
        overwrite(condition)
        overwritePartitions()
        partitionedBy(col, *cols)
        replace()
        tableProperty(property, value)
        using(provider)
    """,
    "Catalog": """
        analyzeTable(tableName, noScan=False)
        createDatabase(dbName, ifNotExists=False, properties=None)
        dropDatabase(dbName, ifExists=False, cascade=False)
        dropGlobalTempView(viewName)
        dropView(viewName, ifExists=False)
        functionExists(functionName, dbName=None)
        getCreateTableString(tableName, asSerde=False)
        getFunction(functionName)
        getTableProperties(tableName)
        listFunctions(dbName=None, pattern=None)
        listPartitions(tableName)
        listViews(dbName=None, pattern=None)
        recoverPartitions(tableName)
    """,
    "DataStreamReader": """
        changes(tableName)
        orc(path, mergeSchema=None, pathGlobFilter=None, recursiveFileLookup=None)
        xml(path, rowTag=None, schema=None, excludeAttribute=None, attributePrefix=None, valueTag=None,
            ignoreSurroundingSpaces=None, rowValidationXSDPath=None, ignoreNamespace=None,
            wildcardColName=None, encoding=None, inferSchema=None, nullValue=None, dateFormat=None,
            timestampFormat=None, mode=None, columnNameOfCorruptRecord=None, multiLine=None,
            samplingRatio=None, locale=None)
    """,
    "DataStreamWriter": """
        clusterBy(*cols)
    """,
}

_ROW = re.compile(r"(@?)(\w+)(?:\(([^)]*)\))?")


def rows(name):
    """The rows of a class: (is a class method, name, parameters or None for a property)."""
    text = " ".join(LACKING.get(name, "").split())
    return [(bool(m[1]), m[2], m[3]) for m in _ROW.finditer(text)]


def with_lacking(cls):
    """Class decorator: adds the members of the class's rows, never over a member that the class has."""
    source, space = [], {"not_implemented": not_implemented}
    listed = rows(cls.__name__)
    for of_class, name, parameters in listed:
        assert not hasattr(cls, name), f"{cls.__name__}.{name} is built and listed as lacking"
        taken = ", ".join(filter(None, ("cls" if of_class else "self", parameters)))
        source.append(f"def {name}({taken}):\n    raise not_implemented('{cls.__name__}.{name}')\n")
    exec("".join(source), space)
    for of_class, name, parameters in listed:
        made = space[name]
        made.__doc__ = f"Not implemented: raises NOT_IMPLEMENTED for {cls.__name__}.{name}."
        made.__qualname__, made.__module__ = f"{cls.__name__}.{name}", cls.__module__
        setattr(cls, name, property(made) if parameters is None else classmethod(made) if of_class else made)
    return cls
