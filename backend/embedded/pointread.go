package embedded

import (
	"bytes"
	"encoding/binary"
	"math"
	"net"
	"runtime/debug"
	"slices"

	"go.etcd.io/bbolt"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// pointRead is a find of one document by its _id or by a unique field, the most frequent command. It runs without a
// decoded command.
type pointRead struct {
	ns    namespace
	field string
	value any      // a scalar
	omit  []string // top-level fields that the projection excludes
}

// readPoint parses a find whose filter is {field: value}, and whose projection, if any, excludes top-level fields. ok
// is false for every other command, and for one with an option that needs more: those take the ordinary path, which
// also makes the errors.
func readPoint(command bson.Raw) (p pointRead, ok bool) {
	first, ok := true, true
	err := query.EachField(command, func(key []byte, v bson.RawValue) bool {
		switch string(key) {
		case "find":
			p.ns.coll, ok = v.StringValueOK()
			ok = ok && first
		case "$db":
			p.ns.db, ok = v.StringValueOK()
		case "filter":
			ok = p.field == "" && p.readFilter(v)
		case "projection":
			ok = p.omit == nil && p.readProjection(v)
		case "limit":
			ok = v.Type == bson.TypeInt32 || v.Type == bson.TypeInt64
		case "singleBatch":
			ok = v.Type == bson.TypeBoolean
		case "lsid", "$clusterTime", "$readPreference", "readConcern", "maxTimeMS", "comment":
		default:
			ok = false
		}
		first = false
		return ok
	})
	return p, ok && err == nil && p.field != "" && p.ns.check() == nil
}

func (p *pointRead) readFilter(v bson.RawValue) bool {
	filter, ok := v.DocumentOK()
	if !ok {
		return false
	}
	err := query.EachField(filter, func(key []byte, v bson.RawValue) bool {
		switch v.Type {
		case bson.TypeString, bson.TypeObjectID, bson.TypeInt32, bson.TypeInt64, bson.TypeBinary:
			ok = ok && p.field == "" && len(key) > 0 && key[0] != '$'
		default:
			ok = false
		}
		if ok {
			p.field, p.value = string(key), query.DecodeScalar(v)
		}
		return ok
	})
	return ok && err == nil && p.field != ""
}

// find returns the document; nil if there is none. ok is false if the field is not unique.
func (p *pointRead) find(tx *bbolt.Tx, c *collection) (doc []byte, ok bool) {
	if p.field == "_id" {
		return c.buckets(tx).docs.Get(query.AppendKey(make([]byte, 0, 64), p.value, false)), true
	}
	for _, x := range c.indexes {
		if !x.unique || x.multikey || x.partial != nil || len(x.paths) != 1 || x.paths[0] != p.field {
			continue
		}
		r := c.buckets(tx)
		key := query.AppendKey(make([]byte, 0, 64), p.value, x.down[0])
		k, v := r.of(x).Cursor().Seek(key)
		if !bytes.HasPrefix(k, key) {
			return nil, true
		}
		return r.docs.Get(documentKey(k, v)), true
	}
	return nil, false
}

// readProjection reads {name: 0, …}.
func (p *pointRead) readProjection(v bson.RawValue) bool {
	projection, is := v.DocumentOK()
	if !is {
		return false
	}
	err := query.EachField(projection, func(key []byte, v bson.RawValue) bool {
		n, whole := v.AsInt64OK()
		is = whole && n == 0 && (v.Type == bson.TypeInt32 || v.Type == bson.TypeInt64) && len(key) > 0 && key[0] != '$' &&
			string(key) != "_id" && bytes.IndexByte(key, '.') < 0 && !slices.Contains(p.omit, string(key))
		p.omit = append(p.omit, string(key))
		return is
	})
	return is && err == nil
}

// appendDocument appends a document without the fields that the projection excludes.
func (p *pointRead) appendDocument(dst, doc []byte) ([]byte, error) {
	if p.omit == nil {
		return append(dst, doc...), nil
	}
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	err := query.EachField(doc, func(key []byte, v bson.RawValue) bool {
		if !slices.Contains(p.omit, string(key)) {
			dst = append(append(append(dst, byte(v.Type)), key...), 0)
			dst = append(dst, v.Value...)
		}
		return true
	})
	return query.CloseDocument(dst, start), err
}

// answer appends the reply to a command that is a point read. ok is false if it is none, or if it fails.
func (d *Database) answer(dst []byte, command bson.Raw) (reply []byte, ok bool) {
	p, ok := readPoint(command)
	if !ok {
		return dst, false
	}
	err := d.view(func(tx *bbolt.Tx) error {
		c, err := d.catalog.find(tx, p.ns)
		if err != nil {
			return err
		}
		var doc []byte
		if c != nil {
			doc, ok = p.find(tx, c)
		}
		if ok {
			reply, err = p.appendReply(dst, doc)
		}
		return err
	})
	return reply, ok && err == nil
}

// appendReply appends {cursor: {firstBatch: [doc], id: 0, ns: …}, ok: 1}; a nil doc leaves the batch empty.
func (p *pointRead) appendReply(dst, doc []byte) (reply []byte, err error) {
	start := len(dst)
	dst = append(dst, 0, 0, 0, 0, byte(bson.TypeEmbeddedDocument))
	dst = append(dst, "cursor\x00"...)
	cursor := len(dst)
	dst = append(dst, 0, 0, 0, 0, byte(bson.TypeArray))
	dst = append(dst, "firstBatch\x00"...)
	batch := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	if doc != nil {
		if dst, err = p.appendDocument(append(dst, byte(bson.TypeEmbeddedDocument), '0', 0), doc); err != nil {
			return nil, err
		}
	}
	dst = query.CloseDocument(dst, batch)
	dst = append(append(dst, byte(bson.TypeInt64)), "id\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	dst = append(append(dst, byte(bson.TypeString)), "ns\x00"...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(p.ns.db)+len(p.ns.coll)+2))
	dst = append(append(append(append(dst, p.ns.db...), '.'), p.ns.coll...), 0)
	dst = query.CloseDocument(dst, cursor)
	dst = append(append(dst, byte(bson.TypeDouble)), "ok\x00"...)
	dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(1))
	return query.CloseDocument(dst, start), nil
}

// directConn is the driver's end of an in-process connection. It runs a point read in the caller's goroutine, which
// saves several switches between goroutines; other messages go through the pipe.
type directConn struct {
	net.Conn
	db    *Database
	reply []byte // not read yet
}

// Write runs a message that is a point read, or sends it. The driver writes whole messages and reads each reply before
// the next message.
func (c *directConn) Write(b []byte) (int, error) {
	if len(c.reply) == 0 {
		if c.reply = c.db.answerMessage(b); c.reply != nil {
			return len(b), nil
		}
	}
	return c.Conn.Write(b)
}

// Read returns the reply of the last point read, or what comes through the pipe.
func (c *directConn) Read(b []byte) (int, error) {
	if len(c.reply) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.reply)
	c.reply = c.reply[n:]
	return n, nil
}

// answerMessage returns the reply to an OP_MSG with one section that is a point read; otherwise nil.
func (d *Database) answerMessage(b []byte) []byte {
	const head = 21 // header, flags and section kind
	if len(b) < head+5 || binary.LittleEndian.Uint32(b) != uint32(len(b)) || d.closed() ||
		binary.LittleEndian.Uint32(b[12:]) != opMsg || binary.LittleEndian.Uint32(b[16:]) != 0 || b[20] != 0 {
		return nil
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	out, ok := d.answer(make([]byte, head, 1024), b[head:])
	if !ok {
		return nil
	}
	binary.LittleEndian.PutUint32(out, uint32(len(out)))
	copy(out[8:12], b[4:8]) // the request that this replies to
	binary.LittleEndian.PutUint32(out[12:], opMsg)
	return out
}
