package embedded

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// connection serves one client, one message at a time.
type connection struct {
	db   *Database
	net  net.Conn
	last uint32
}

func newConnection(db *Database, c net.Conn) *connection { return &connection{db: db, net: c} }

// serve replies to messages until the connection ends or sends an invalid message.
func (c *connection) serve() {
	defer c.net.Close()
	// Reading a damaged file can fault in its memory map; as a panic, the fault ends only one command.
	debug.SetPanicOnFault(true)
	in := bufio.NewReaderSize(c.net, 16<<10)
	for {
		m, err := readMessage(in)
		if err != nil {
			return
		}
		doc := c.handle(m)
		if m.moreToCome {
			continue
		}
		c.last++
		if err := m.reply(c.net, c.last, doc...); err != nil {
			return
		}
	}
}

// handle runs a message's command and returns the reply in parts; every failure becomes an error reply.
func (c *connection) handle(m message) (doc [][]byte) {
	defer func() {
		if r := recover(); r != nil {
			doc = c.errorReply(fmt.Errorf("the command failed inside the database: %v", r))
		}
	}()
	if m.op == opMsg && len(m.sequences) == 0 {
		if reply, ok := c.db.answer(nil, m.command); ok {
			return [][]byte{reply}
		}
	}
	r, err := newRequest(c, m)
	if err != nil {
		return c.errorReply(err)
	}
	reply, err := r.run()
	if err != nil {
		return c.errorReply(err)
	}
	return reply
}

// errorReply builds the reply to a command that failed as a whole.
func (c *connection) errorReply(err error) [][]byte {
	e := asError(err)
	reply := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: e.Message}, {Key: "code", Value: e.Code},
		{Key: "codeName", Value: e.Name}}
	doc, err := query.Encode(append(reply, e.Info...))
	if err != nil {
		doc, _ = query.Encode(reply)
	}
	return [][]byte{doc}
}

// asError converts any error to one with a code.
func asError(err error) *query.Error {
	var e *query.Error
	if errors.As(err, &e) {
		return e
	}
	return query.Errorf(query.UnknownError, "%s", err)
}
