// Package query implements MongoDB's filters, updates, projections, sorts and aggregation pipelines on BSON values.
// It stores no data and reads no clock, so the same input gives the same result for every storage.
//
// Documents are trees of bson.D and bson.A that hold the driver's types (see Decode). An unsupported operator is
// rejected by name with MongoDB's error code; it is never ignored.
//
// May import: nothing of ours.
package query
