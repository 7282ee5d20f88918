package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"dossier/backend/query"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// connection serves one client: one message after the other.
type connection struct {
	db   *Database
	net  net.Conn
	last uint32
}

func newConnection(db *Database, c net.Conn) *connection { return &connection{db: db, net: c} }

// serve answers until the connection ends or sends what is no message.
func (c *connection) serve() {
	defer c.net.Close()
	// A damaged file shows itself as a fault in the memory it is mapped to; as a panic it ends one command only.
	debug.SetPanicOnFault(true)
	in := bufio.NewReaderSize(c.net, 16<<10)
	for {
		m, err := readMessage(in)
		if err != nil {
			return
		}
		doc := c.answer(m)
		if m.moreToCome {
			continue
		}
		c.last++
		if err := m.reply(c.net, c.last, doc); err != nil {
			return
		}
	}
}

// answer runs a message's command; whatever goes wrong becomes an error reply.
func (c *connection) answer(m message) (doc bson.Raw) {
	defer func() {
		if r := recover(); r != nil {
			doc = c.refusal(fmt.Errorf("the command failed inside the database: %v", r))
		}
	}()
	r, err := newRequest(c, m)
	if err != nil {
		return c.refusal(err)
	}
	reply, err := r.run()
	if err != nil {
		return c.refusal(err)
	}
	return reply
}

// refusal is the reply to a command that failed as a whole.
func (c *connection) refusal(err error) bson.Raw {
	e := asError(err)
	reply := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: e.Message}, {Key: "code", Value: e.Code}, {Key: "codeName", Value: e.Name}}
	doc, err := query.Encode(append(reply, e.Info...))
	if err != nil {
		doc, _ = query.Encode(reply)
	}
	return doc
}

// asError gives any error a code.
func asError(err error) *query.Error {
	var e *query.Error
	if errors.As(err, &e) {
		return e
	}
	return query.Errorf(query.UnknownError, "%s", err)
}
