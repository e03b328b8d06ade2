package functions

// families is every table: add a family's rows here.
var families = [][]Row{
	arithmeticRows,
	comparisonRows,
	conditionalRows,
	stringRows,
	regexRows,
	datetimeRows,
	datetimeTextRows,
	makeRows,
	temporalRows,
	timeWindowRows,
	arrayConcatRows,
	hashRows,
	castRows,
	codecRows,
	formatTextRows,
	jsonRows,
	aggregateRows,
	mathRows,
	volatileRows,
	collectionRows,
	arrayRows,
	lambdaRows,
	generatorRows,
	miscRows,
}
