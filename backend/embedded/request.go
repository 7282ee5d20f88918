package embedded

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"dossier/backend/query"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// request is one command with its arguments decoded; documents to insert stay bytes.
type request struct {
	conn      *connection
	db        *Database
	name      string
	args      bson.D
	sequences map[string][]bson.Raw
	database  string
	now       bson.DateTime
	deadline  time.Time
	query     bool // came as OP_QUERY
}

// command is one entry of the table: what runs it and the arguments it takes beside those of every command.
type command struct {
	run     func(r *request) (bson.D, error)
	args    string // taken
	refused string // known to MongoDB and refused here unless they ask for nothing
	writes  bool   // remembered for retries
}

// everywhere are the arguments of every command.
const everywhere = "$db lsid txnNumber startTransaction autocommit $clusterTime $readPreference readConcern writeConcern maxTimeMS comment apiVersion apiStrict apiDeprecationErrors $audit $client"

func newRequest(c *connection, m message) (*request, error) {
	elements, err := m.command.Elements()
	if err != nil || len(elements) == 0 {
		return nil, query.Errorf(query.InvalidBSON, "the command is not BSON, or empty")
	}
	r := &request{conn: c, db: c.db, name: elements[0].Key(), sequences: m.sequences, now: bson.NewDateTimeFromTime(c.db.now()), query: m.op == opQuery}
	wanted := map[string]bool{}
	for _, e := range elements {
		list, isArray := e.Value().ArrayOK()
		if e.Key() != "documents" || !isArray {
			wanted[e.Key()] = true
			continue
		}
		values, err := list.Values()
		if err != nil {
			return nil, query.Errorf(query.InvalidBSON, "%s", err)
		}
		if r.sequences == nil {
			r.sequences = map[string][]bson.Raw{}
		}
		for _, v := range values {
			doc, isDocument := v.DocumentOK()
			if !isDocument {
				return nil, query.Errorf(query.TypeMismatch, "BSON field 'insert.documents' is the wrong type, expected type 'object'")
			}
			r.sequences["documents"] = append(r.sequences["documents"], doc)
		}
	}
	if r.args, err = query.DecodeFields(m.command, wanted); err != nil {
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

// run looks the command up, checks its arguments, and runs it once even where it is sent twice.
func (r *request) run() (bson.Raw, error) {
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
	return r.db.retries.once(r.get("lsid"), r.get("txnNumber"), r.db.now(), func() (bson.Raw, error) { return r.reply(cmd) })
}

func (r *request) reply(cmd command) (bson.Raw, error) {
	out, err := cmd.run(r)
	if err != nil {
		return nil, err
	}
	return query.Encode(append(out, bson.E{Key: "ok", Value: 1.0}))
}

// check refuses arguments that MongoDB does not know, and by name those it knows but this database does not do.
func (r *request) check(cmd command) error {
	if r.get("startTransaction") != nil || r.get("autocommit") == false {
		return query.Errorf(query.IllegalOperation, "Transaction numbers are only allowed on a replica set member or mongos: the embedded database has no transactions")
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
	known := slices.Concat(strings.Fields(everywhere), strings.Fields(cmd.args), strings.Fields(cmd.refused))
	for _, e := range r.args[1:] {
		if !slices.Contains(known, e.Key) {
			return query.Errorf(40415, "BSON field '%s.%s' is an unknown field.", r.name, e.Key)
		}
	}
	return r.refuse(r.name, cmd.refused)
}

// refuse names the first of the options that asks for something.
func (r *request) refuse(command, options string) error {
	for _, e := range r.args[1:] {
		if slices.Contains(strings.Fields(options), e.Key) && asks(e) {
			return query.Errorf(query.NotImplemented, "%s: the option '%s' is not supported by the embedded database", command, e.Key)
		}
	}
	return nil
}

// asks tells an option that wants something from one that is off or says what is done anyway.
func asks(e bson.E) bool {
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

// get gives an argument; nil where it was not sent.
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

// number gives a whole number that is not negative; absent is 0.
func (r *request) number(name string) (int64, error) {
	v := r.get(name)
	if v == nil {
		return 0, nil
	}
	n, ok := query.WholeNumber(v)
	if !ok {
		return 0, query.Errorf(query.TypeMismatch, "BSON field '%s.%s' is the wrong type '%s', expected types '[long, int, decimal, double]'", r.name, name, query.TypeName(v))
	}
	if n < 0 {
		return 0, query.Errorf(51024, "BSON field '%s' value must be >= 0, actual value '%d'", name, n)
	}
	return n, nil
}

// document gives an argument that is a document; absent is an empty one.
func (r *request) document(name string) (bson.D, error) {
	switch v := r.get(name).(type) {
	case bson.D:
		return v, nil
	case nil:
		return bson.D{}, nil
	default:
		return nil, query.Errorf(query.TypeMismatch, "BSON field '%s.%s' is the wrong type '%s', expected type 'object'", r.name, name, query.TypeName(v))
	}
}

// statements gives the updates or deletes of a command, from beside it or inside.
func (r *request) statements(name string) ([]bson.D, error) {
	var out []bson.D
	if list, ok := r.get(name).(bson.A); ok {
		for _, item := range list {
			d, is := item.(bson.D)
			if !is {
				return nil, query.Errorf(query.TypeMismatch, "BSON field '%s.%s' is the wrong type, expected type 'object'", r.name, name)
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
		return nil, query.Errorf(query.InvalidLength, "Write batch sizes must be between 1 and %d. Got %d operations.", maxBatch, len(out))
	}
	return out, nil
}

// collection gives the namespace the command names.
func (r *request) collection() (namespace, error) {
	name, is := r.args[0].Value.(string)
	if !is {
		return namespace{}, query.Errorf(query.InvalidNamespace, "collection name has invalid type %s", query.TypeName(r.args[0].Value))
	}
	ns := namespace{r.database, name}
	return ns, ns.check()
}

// check refuses names no collection may have.
func (n namespace) check() error {
	switch {
	case n.db == "" || len(n.db) > 63 || strings.ContainsAny(n.db, "/\\. \"$\x00"):
		return query.Errorf(query.InvalidNamespace, "Invalid database name: '%s'", n.db)
	case n.coll == "" || strings.HasPrefix(n.coll, ".") || strings.ContainsAny(n.coll, "$\x00") || len(n.coll) > 255-len(n.db):
		return query.Errorf(query.InvalidNamespace, "Invalid namespace specified '%s'", n)
	case strings.HasPrefix(n.coll, "system."):
		return query.Errorf(query.InvalidNamespace, "Invalid system namespace: %s", n)
	}
	return nil
}

// env is what expressions of this command see from outside.
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

// view runs work in a reading transaction; a panic, as damaged pages make it, becomes an error.
func (d *Database) view(work func(tx *bbolt.Tx) error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("read %s: %v", d.path, r)
		}
	}()
	return d.bolt.View(work)
}

// binaryKey makes a map key of any value.
func binaryKey(v any) string { return string(bytes.Clone(query.AppendKey(nil, v, false))) }
