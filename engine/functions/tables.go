package functions

// families is every table: add a family's rows here.
var families = [][]Row{
	arithmeticRows,
	comparisonRows,
	conditionalRows,
	stringRows,
	regexRows,
	aggregateRows,
	mathRows,
	volatileRows,
}
