package embedded

import (
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// handshakeArgs marks commands that accept any driver metadata.
const handshakeArgs = "*"

// commandTable maps lower-case command names to commands; MongoDB ignores the case of names.
func commandTable() map[string]command {
	table := map[string]command{
		"hello":            {run: hello, args: handshakeArgs},
		"ismaster":         {run: hello, args: handshakeArgs},
		"ping":             {run: noop},
		"buildinfo":        {run: buildInfo},
		"endsessions":      {run: endSessions},
		"startsession":     {run: startSession},
		"refreshsessions":  {run: noop},
		"killsessions":     {run: endSessions},
		"getparameter":     {run: getParameter, args: handshakeArgs},
		"connectionstatus": {run: connectionStatus, args: "showPrivileges"},
		"insert":           {run: insert, args: "documents ordered", refused: "bypassDocumentValidation", writes: true},
		"update":           {run: update, args: "updates ordered let", refused: "bypassDocumentValidation", writes: true},
		"delete":           {run: remove, args: "deletes ordered let", writes: true},
		"findandmodify": {run: findAndModify, args: "query sort remove update new fields upsert arrayFilters hint let",
			refused: "collation bypassDocumentValidation", writes: true},
		"find": {run: find, args: "filter sort projection hint skip limit batchSize singleBatch let " +
			"allowDiskUse noCursorTimeout allowPartialResults",
			refused: "max min returnKey showRecordId tailable awaitData oplogReplay collation readOnce"},
		"count":    {run: count, args: "query limit skip hint", refused: "collation"},
		"distinct": {run: distinct, args: "key query hint", refused: "collation"},
		"aggregate": {run: aggregate, args: "pipeline cursor allowDiskUse hint let",
			refused: "collation explain bypassDocumentValidation"},
		"getmore":     {run: getMore, args: "collection batchSize"},
		"killcursors": {run: killCursors, args: "cursors"},
		"create": {run: create, args: "validator validationLevel validationAction autoIndexId idIndex " +
			createRefused},
		"drop":              {run: drop},
		"dropdatabase":      {run: dropDatabase},
		"listcollections":   {run: listCollections, args: "filter nameOnly authorizedCollections cursor"},
		"listdatabases":     {run: listDatabases, args: "filter nameOnly authorizedDatabases"},
		"createindexes":     {run: createIndexes, args: "indexes commitQuorum"},
		"listindexes":       {run: listIndexes, args: "cursor"},
		"dropindexes":       {run: dropIndexes, args: "index"},
		"whatsmyuri":        {run: noop},
		"committransaction": {run: noTransaction, args: "recoveryToken"},
		"aborttransaction":  {run: noTransaction, args: "recoveryToken"},
	}
	for name, cmd := range table {
		cmd.known = map[string]bool{}
		for _, arg := range strings.Fields(commonArgs + " " + cmd.args + " " + cmd.refused) {
			cmd.known[arg] = true
		}
		table[name] = cmd
	}
	return table
}

func noop(*request) (bson.D, error) { return bson.D{}, nil }
