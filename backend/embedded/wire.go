package embedded

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/query"
)

// Limits that hello announces.
const (
	maxDocument = 16 << 20
	maxMessage  = 48000000
	maxBatch    = 100000
)

// smallReply is the size up to which a reply is copied after its header, so that it is one write.
const smallReply = 64 << 10

// Wire operations and OP_MSG flags (MongoDB wire protocol).
const (
	opReply = 1
	opQuery = 2004
	opMsg   = 2013

	flagChecksum   = 1 << 0
	flagMoreToCome = 1 << 1
)

// message is one request: a command and its document sequences.
type message struct {
	id         uint32
	op         uint32
	moreToCome bool // the client expects no reply
	command    bson.Raw
	sequences  map[string][]bson.Raw
}

// readMessage reads one request. It fails on an invalid message, one longer than maxMessage, or an operation that a
// server of this version does not support.
func readMessage(r io.Reader) (message, error) {
	var head [16]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return message{}, err
	}
	length := binary.LittleEndian.Uint32(head[:])
	if length < 16 || length > maxMessage {
		return message{}, fmt.Errorf("read a message: length %d is not within 16 and %d", length, maxMessage)
	}
	whole := make([]byte, length)
	copy(whole, head[:])
	if _, err := io.ReadFull(r, whole[16:]); err != nil {
		return message{}, err
	}
	m := message{id: binary.LittleEndian.Uint32(head[4:]), op: binary.LittleEndian.Uint32(head[12:])}
	switch m.op {
	case opMsg:
		return m, m.parse(whole)
	case opQuery:
		return m, m.parseQuery(whole[16:])
	}
	return m, fmt.Errorf("read a message: unsupported operation %d", m.op)
}

var errCutShort = errors.New("read a message: it is cut short")

func (m *message) parse(whole []byte) error {
	body := whole[16:]
	if len(body) < 4 {
		return errCutShort
	}
	flags := binary.LittleEndian.Uint32(body)
	body = body[4:]
	if unknown := flags & 0xFFFF &^ (flagChecksum | flagMoreToCome); unknown != 0 {
		return fmt.Errorf("read a message: unknown flags %#x", unknown)
	}
	m.moreToCome = flags&flagMoreToCome != 0
	if flags&flagChecksum != 0 {
		if len(body) < 4 {
			return errCutShort
		}
		end := len(whole) - 4
		if crc32.Checksum(whole[:end], crc32.MakeTable(crc32.Castagnoli)) != binary.LittleEndian.Uint32(whole[end:]) {
			return errors.New("read a message: the checksum does not fit")
		}
		body = body[:len(body)-4]
	}
	m.sequences = map[string][]bson.Raw{}
	for len(body) > 0 {
		rest, err := m.section(body)
		if err != nil {
			return err
		}
		body = rest
	}
	if m.command == nil {
		return errors.New("read a message: it holds no command")
	}
	return nil
}

// section reads a body (kind 0) or a document sequence (kind 1) and returns the remaining bytes.
func (m *message) section(b []byte) ([]byte, error) {
	kind := b[0]
	part, rest, err := splitPrefixed(b[1:])
	if err != nil {
		return nil, err
	}
	switch kind {
	case 0:
		if m.command != nil {
			return nil, errors.New("read a message: it holds two commands")
		}
		m.command = part
		return rest, nil
	case 1:
		name, docs, found := bytes.Cut(part[4:], []byte{0})
		if !found {
			return nil, errCutShort
		}
		for len(docs) > 0 {
			var doc bson.Raw
			if doc, docs, err = splitPrefixed(docs); err != nil {
				return nil, err
			}
			m.sequences[string(name)] = append(m.sequences[string(name)], doc)
		}
		return rest, nil
	}
	return nil, fmt.Errorf("read a message: unknown section kind %d", kind)
}

// splitPrefixed splits off a part with a length prefix.
func splitPrefixed(b []byte) (part, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errCutShort
	}
	n := binary.LittleEndian.Uint32(b)
	if n < 5 || uint64(n) > uint64(len(b)) {
		return nil, nil, errCutShort
	}
	return b[:n:n], b[n:], nil
}

// parseQuery reads the OP_QUERY of a driver's handshake.
func (m *message) parseQuery(b []byte) error {
	if len(b) < 4 {
		return errCutShort
	}
	_, rest, found := bytes.Cut(b[4:], []byte{0})
	if !found || len(rest) < 8 {
		return errCutShort
	}
	doc, _, err := splitPrefixed(rest[8:])
	m.command = doc
	return err
}

// reply writes the reply to m in the operation of m. The document is given in parts.
func (m *message) reply(w io.Writer, id uint32, parts ...[]byte) error {
	op, gap, length := uint32(opMsg), 21, 0
	if m.op == opQuery {
		op, gap = opReply, 36
	}
	for _, part := range parts {
		length += len(part)
	}
	head := make([]byte, gap, gap+min(length, smallReply))
	binary.LittleEndian.PutUint32(head, uint32(gap+length))
	binary.LittleEndian.PutUint32(head[4:], id)
	binary.LittleEndian.PutUint32(head[8:], m.id)
	binary.LittleEndian.PutUint32(head[12:], op)
	if op == opReply {
		head[16] = 8 // AwaitCapable
		head[32] = 1 // one document
	}
	for _, part := range parts {
		if length <= smallReply {
			head = append(head, part...)
			continue
		}
		if _, err := w.Write(head); err != nil {
			return err
		}
		head = part
	}
	_, err := w.Write(head)
	return err
}

// encodeReply encodes a reply in parts. The documents of a large batch are a part of their own, which is not copied.
func encodeReply(out bson.D) ([][]byte, error) {
	cursor, isCursor := out[0].Value.(bson.D)
	docs, isBatch := bson.RawValue{}, false
	if isCursor && len(cursor) > 0 {
		docs, isBatch = cursor[0].Value.(bson.RawValue)
	}
	if !isBatch || len(docs.Value) <= smallReply {
		doc, err := query.Encode(out)
		return [][]byte{doc}, err
	}
	empty := query.NewArray().Value()
	out, cursor = slices.Clone(out), slices.Clone(cursor)
	out[0].Value, cursor[0].Value = cursor, empty
	doc, err := query.Encode(out)
	if err != nil {
		return nil, err
	}
	outer := 4 + 1 + len(out[0].Key) + 1               // where the cursor's document starts
	inner := outer + 4 + 1 + len(cursor[0].Key) + 1    // where its documents start
	more := uint32(len(docs.Value) - len(empty.Value)) // that they are longer
	for _, at := range []int{0, outer} {
		binary.LittleEndian.PutUint32(doc[at:], binary.LittleEndian.Uint32(doc[at:])+more)
	}
	return [][]byte{doc[:inner], docs.Value, doc[inner+len(empty.Value):]}, nil
}
