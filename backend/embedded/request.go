package embedded

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// request is a command with decoded arguments; documents to insert stay raw.
type request struct {
	conn      *connection
	db        *Database
	name      string
	args      bson.D
	sequences map[string][]bson.Raw
	database  string
	now       bson.DateTime
	deadline  time.Time
	query     bool // received as OP_QUERY
}

// command is an entry of the command table: its function and its arguments, besides those common to all commands.
type command struct {
	run     func(r *request) (bson.D, error)
	args    string          // supported arguments
	refused string          // known to MongoDB; rejected here unless they have no effect
	writes  bool            // recorded for retryable writes
	known   map[string]bool // set by commandTable: args, refused and those common to all commands
}

// commonArgs lists the arguments of every command.
const commonArgs = "$db lsid txnNumber startTransaction autocommit $clusterTime $readPreference readConcern " +
	"writeConcern maxTimeMS comment apiVersion apiStrict apiDeprecationErrors $audit $client"

func newRequest(c *connection, m message) (*request, error) {
	r := &request{conn: c, db: c.db, sequences: m.sequences, now: bson.NewDateTimeFromTime(c.db.now()),
		query: m.op == opQuery}
	decoded, err := r.readDocuments(m.command)
	if err != nil {
		return nil, err
	}
	if r.args, err = query.DecodeFields(m.command, decoded); err != nil {
		return nil, err
	}
	if len(r.args) == 0 {
		return nil, query.Errorf(query.CommandNotFound, "no such command: '%s'", r.name)
	}
	r.database, _ = r.get("$db").(string)
	if ms, ok := query.WholeNumber(r.get("maxTimeMS")); ok && ms > 0 && r.name != "getMore" {
		r.deadline = c.db.now().Add(time.Duration(ms) * time.Millisecond)
	}
	return r, nil
}

// readDocuments reads the name of a command and, as raw documents, its documents to insert. It returns the names of the
// other arguments; nil if there are no documents in the command itself.
func (r *request) readDocuments(command bson.Raw) (others map[string]bool, err error) {
	var documents bson.RawArray
	err = query.EachField(command, func(key []byte, v bson.RawValue) bool {
		if r.name == "" {
			r.name = string(key)
		}
		if list, is := v.ArrayOK(); is && string(key) == "documents" {
			documents = list
		}
		return true
	})
	if err != nil || r.name == "" {
		return nil, query.Errorf(query.InvalidBSON, "the command is not BSON, or empty")
	}
	if documents == nil {
		return nil, nil
	}
	values, err := documents.Values()
	if err != nil {
		return nil, query.Errorf(query.InvalidBSON, "%s", err)
	}
	docs := make([]bson.Raw, 0, len(values))
	for _, v := range values {
		doc, isDocument := v.DocumentOK()
		if !isDocument {
			return nil, query.Errorf(query.TypeMismatch,
				"BSON field 'insert.documents' is the wrong type, expected type 'object'")
		}
		docs = append(docs, doc)
	}
	if r.sequences == nil {
		r.sequences = map[string][]bson.Raw{}
	}
	r.sequences["documents"] = append(r.sequences["documents"], docs...)
	others = map[string]bool{}
	return others, query.EachField(command, func(key []byte, _ bson.RawValue) bool {
		if string(key) != "documents" {
			others[string(key)] = true
		}
		return true
	})
}

// run looks up the command, checks its arguments, and runs it once even if it is sent twice. It returns the reply in
// parts.
func (r *request) run() ([][]byte, error) {
	cmd, known := r.db.commands[strings.ToLower(r.name)]
	if !known {
		return nil, query.Errorf(query.CommandNotFound, "no such command: '%s'", r.name)
	}
	if r.query && cmd.args != handshakeArgs {
		return nil, query.Errorf(352, "Unsupported OP_QUERY command: %s", r.name)
	}
	if err := r.check(cmd); err != nil {
		return nil, err
	}
	if !cmd.writes {
		return r.reply(cmd)
	}
	return r.db.retries.once(r.get("lsid"), r.get("txnNumber"), r.db.now(),
		func() ([][]byte, error) { return r.reply(cmd) })
}

func (r *request) reply(cmd command) ([][]byte, error) {
	out, err := cmd.run(r)
	if err != nil {
		return nil, err
	}
	return encodeReply(append(out, bson.E{Key: "ok", Value: 1.0}))
}

// check rejects arguments that MongoDB does not know, and by name those that this database does not support.
func (r *request) check(cmd command) error {
	if r.get("startTransaction") != nil || r.get("autocommit") == false {
		return query.Errorf(query.IllegalOperation,
			"Transaction numbers are only allowed on a replica set member or mongos: the embedded database has no transactions")
	}
	if w, ok := r.get("writeConcern").(bson.D); ok {
		acks, _ := query.Get(w, "w")
		if n, whole := query.WholeNumber(acks); whole && n > 1 {
			return query.Errorf(query.BadValue, "cannot use 'w' > 1 when a host is not replicated")
		}
	}
	if cmd.args == handshakeArgs {
		return nil
	}
	for _, e := range r.args[1:] {
		if !cmd.known[e.Key] {
			return query.Errorf(40415, "BSON field '%s.%s' is an unknown field.", r.name, e.Key)
		}
	}
	return r.rejectOptions(r.name, cmd.refused)
}

// rejectOptions returns an error that names the first option with an effect.
func (r *request) rejectOptions(command, options string) error {
	refused := strings.Fields(options)
	for _, e := range r.args[1:] {
		if slices.Contains(refused, e.Key) && hasEffect(e) {
			return query.Errorf(query.NotImplemented, "%s: the option '%s' is not supported by the embedded database", command,
				e.Key)
		}
	}
	return nil
}

// hasEffect reports whether an option has an effect, that is, differs from its default.
func hasEffect(e bson.E) bool {
	switch v := e.Value.(type) {
	case bool:
		return v
	case bson.D:
		locale, _ := query.Get(v, "locale")
		return len(v) > 0 && !(e.Key == "collation" && locale == "simple")
	case nil:
		return false
	}
	return true
}

// get returns an argument, nil if absent.
func (r *request) get(name string) any {
	v, _ := query.Get(r.args, name)
	return v
}

func (r *request) flag(name string) bool {
	switch v := r.get(name).(type) {
	case bool:
		return v
	case nil:
		return false
	default:
		n, ok := query.WholeNumber(v)
		return !ok || n != 0
	}
}

// number returns a non-negative integer argument; 0 if absent.
func (r *request) number(name string) (int64, error) {
	v := r.get(name)
	if v == nil {
		return 0, nil
	}
	n, ok := query.WholeNumber(v)
	if !ok {
		return 0, query.Errorf(query.TypeMismatch,
			"BSON field '%s.%s' is the wrong type '%s', expected types '[long, int, decimal, double]'", r.name, name,
			query.TypeName(v))
	}
	if n < 0 {
		return 0, query.Errorf(51024, "BSON field '%s' value must be >= 0, actual value '%d'", name, n)
	}
	return n, nil
}

// document returns a document argument; empty if absent.
func (r *request) document(name string) (bson.D, error) {
	switch v := r.get(name).(type) {
	case bson.D:
		return v, nil
	case nil:
		return bson.D{}, nil
	default:
		return nil, query.Errorf(query.TypeMismatch, "BSON field '%s.%s' is the wrong type '%s', expected type 'object'",
			r.name, name, query.TypeName(v))
	}
}

// statements returns the updates or deletes of a command, from a document sequence or the body.
func (r *request) statements(name string) ([]bson.D, error) {
	var out []bson.D
	if list, ok := r.get(name).(bson.A); ok {
		for _, item := range list {
			d, is := item.(bson.D)
			if !is {
				return nil, query.Errorf(query.TypeMismatch, "BSON field '%s.%s' is the wrong type, expected type 'object'", r.name,
					name)
			}
			out = append(out, d)
		}
	}
	for _, raw := range r.sequences[name] {
		d, err := query.Decode(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	if len(out) == 0 || len(out) > maxBatch {
		return nil, query.Errorf(query.InvalidLength, "Write batch sizes must be between 1 and %d. Got %d operations.",
			maxBatch, len(out))
	}
	return out, nil
}

// collection returns the namespace of the command.
func (r *request) collection() (namespace, error) {
	name, is := r.args[0].Value.(string)
	if !is {
		return namespace{}, query.Errorf(query.InvalidNamespace, "collection name has invalid type %s",
			query.TypeName(r.args[0].Value))
	}
	ns := namespace{r.database, name}
	return ns, ns.check()
}

// check rejects invalid collection names.
func (n namespace) check() error {
	switch {
	case n.db == "" || len(n.db) > 63 || strings.ContainsAny(n.db, "/\\. \"$\x00"):
		return query.Errorf(query.InvalidNamespace, "Invalid database name: '%s'", n.db)
	case n.coll == "" || strings.HasPrefix(n.coll, ".") || strings.ContainsAny(n.coll, "$\x00") ||
		len(n.coll) > 255-len(n.db):
		return query.Errorf(query.InvalidNamespace, "Invalid namespace specified '%s'", n)
	case strings.HasPrefix(n.coll, "system."):
		return query.Errorf(query.InvalidNamespace, "Invalid system namespace: %s", n)
	}
	return nil
}

// env returns the inputs for expressions of this command.
func (r *request) env() (query.Env, error) {
	let, err := r.document("let")
	env := query.Env{Now: r.now}
	if len(let) > 0 {
		env.Vars = map[string]any{}
		for _, e := range let {
			env.Vars[e.Key] = e.Value
		}
	}
	return env, err
}

// view runs work in a read transaction; a panic, as damaged pages cause it, becomes an error.
func (d *Database) view(work func(tx *bbolt.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read %s: %v", d.path, r)
		}
	}()
	if damage := d.integrity.damage.Load(); damage != nil {
		return damage
	}
	return d.bolt.View(work)
}

// binaryKey converts a value to a map key.
func binaryKey(v any) string { return string(bytes.Clone(query.AppendKey(nil, v, false))) }
