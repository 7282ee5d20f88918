package embedded

import (
	"crypto/rand"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// serverVersion is the server version whose behaviour and wire version this database follows.
const (
	serverVersion = "7.0.0"
	wireVersion   = int32(21)
)

// hello describes a standalone server with sessions.
func hello(r *request) (bson.D, error) {
	return bson.D{
		{Key: "ismaster", Value: true}, {Key: "isWritablePrimary", Value: true}, {Key: "helloOk", Value: true},
		{Key: "maxBsonObjectSize", Value: int32(maxDocument)}, {Key: "maxMessageSizeBytes", Value: int32(maxMessage)},
		{Key: "maxWriteBatchSize", Value: int32(maxBatch)}, {Key: "localTime", Value: r.now},
		{Key: "logicalSessionTimeoutMinutes", Value: int32(sessionTimeout.Minutes())}, {Key: "connectionId", Value: int32(1)},
		{Key: "minWireVersion", Value: int32(0)}, {Key: "maxWireVersion", Value: wireVersion},
		{Key: "readOnly", Value: false}, {Key: "dossierEmbedded", Value: true},
	}, nil
}

func buildInfo(*request) (bson.D, error) {
	return bson.D{
		{Key: "version", Value: serverVersion}, {Key: "gitVersion", Value: "dossier embedded"},
		{Key: "modules", Value: bson.A{}},
		{Key: "versionArray", Value: bson.A{int32(7), int32(0), int32(0), int32(0)}}, {Key: "bits", Value: int32(64)},
		{Key: "debug", Value: false}, {Key: "maxBsonObjectSize", Value: int32(maxDocument)},
		{Key: "storageEngines", Value: bson.A{"bbolt"}},
	}, nil
}

func getParameter(*request) (bson.D, error) {
	return nil, query.Errorf(query.InvalidOptions, "no option found to get")
}

func connectionStatus(*request) (bson.D, error) {
	return bson.D{{Key: "authInfo", Value: bson.D{{Key: "authenticatedUsers", Value: bson.A{}},
		{Key: "authenticatedUserRoles", Value: bson.A{}}}}}, nil
}

func startSession(*request) (bson.D, error) {
	id := make([]byte, 16)
	rand.Read(id)
	return bson.D{{Key: "id", Value: bson.D{{Key: "id", Value: bson.Binary{Subtype: bson.TypeBinaryUUID, Data: id}}}},
		{Key: "timeoutMinutes", Value: int32(sessionTimeout.Minutes())}}, nil
}

func endSessions(r *request) (bson.D, error) {
	ids, _ := r.args[0].Value.(bson.A)
	r.db.retries.end(ids)
	return bson.D{}, nil
}

func noTransaction(*request) (bson.D, error) {
	return nil, query.Errorf(query.IllegalOperation,
		"Transaction numbers are only allowed on a replica set member or mongos: the embedded database has no transactions")
}
