// Package query says what a MongoDB filter, update, projection, sort and pipeline mean, on BSON alone: it holds no
// data and reads no clock, so the same words give the same answer wherever the documents are kept.
//
// Documents are trees of bson.D and bson.A holding the driver's own types (see Decode). What the language does not
// do is refused by name with MongoDB's error code, never passed over.
//
// May import: nothing of ours.
package query
