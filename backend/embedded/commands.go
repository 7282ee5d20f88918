package embedded

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// handshakeArgs marks the commands that take whatever a driver says of itself.
const handshakeArgs = "*"

// find looks a command up by its name; some are known by two.
func (r *request) find() (command, bool) {
	table := map[string]command{
		"hello":             {run: hello, args: handshakeArgs},
		"ismaster":          {run: hello, args: handshakeArgs},
		"ping":              {run: nothing},
		"buildinfo":         {run: buildInfo},
		"endsessions":       {run: endSessions},
		"startsession":      {run: startSession},
		"refreshsessions":   {run: nothing},
		"killsessions":      {run: endSessions},
		"getparameter":      {run: getParameter, args: handshakeArgs},
		"connectionstatus":  {run: connectionStatus, args: "showPrivileges"},
		"insert":            {run: insert, args: "documents ordered bypassDocumentValidation", writes: true},
		"update":            {run: update, args: "updates ordered bypassDocumentValidation let", writes: true},
		"delete":            {run: remove, args: "deletes ordered let", writes: true},
		"findandmodify":     {run: findAndModify, args: "query sort remove update new fields upsert arrayFilters hint let bypassDocumentValidation", refused: "collation", writes: true},
		"find":              {run: find, args: "filter sort projection hint skip limit batchSize singleBatch let allowDiskUse noCursorTimeout allowPartialResults", refused: "max min returnKey showRecordId tailable awaitData oplogReplay collation readOnce"},
		"count":             {run: count, args: "query limit skip hint", refused: "collation"},
		"distinct":          {run: distinct, args: "key query hint", refused: "collation"},
		"aggregate":         {run: aggregate, args: "pipeline cursor allowDiskUse bypassDocumentValidation hint let", refused: "collation explain"},
		"getmore":           {run: getMore, args: "collection batchSize"},
		"killcursors":       {run: killCursors, args: "cursors"},
		"create":            {run: create, args: "validator validationLevel validationAction autoIndexId idIndex " + createRefused},
		"drop":              {run: drop},
		"dropdatabase":      {run: dropDatabase},
		"listcollections":   {run: listCollections, args: "filter nameOnly authorizedCollections cursor"},
		"listdatabases":     {run: listDatabases, args: "filter nameOnly authorizedDatabases"},
		"createindexes":     {run: createIndexes, args: "indexes commitQuorum"},
		"listindexes":       {run: listIndexes, args: "cursor"},
		"dropindexes":       {run: dropIndexes, args: "index"},
		"whatsmyuri":        {run: nothing},
		"committransaction": {run: noTransaction, args: "recoveryToken"},
		"aborttransaction":  {run: noTransaction, args: "recoveryToken"},
	}
	cmd, known := table[strings.ToLower(r.name)]
	return cmd, known
}

func nothing(*request) (bson.D, error) { return bson.D{}, nil }
