package client

import (
	"bufio"
	"io"
	"strings"
)

// maxEvent is the largest server-sent event that is read: a document of 16 MB written as extended JSON, with its update description.
const maxEvent = 128 << 20

// message is one server-sent event.
type message struct{ event, data string }

// events reads server-sent events (PROTOCOL: watch): lines end in LF or CRLF, a blank line dispatches, a line that starts with a colon is a comment, several data
// lines are one text. Only %25, %0A and %0D are escapes.
func events(r io.Reader, dispatch func(message) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxEvent)
	var m message
	var data []string
	for lines.Scan() {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" {
			if len(data) > 0 {
				m.data = unescape.Replace(strings.Join(data, "\n"))
				if err := dispatch(m); err != nil {
					return err
				}
			}
			m, data = message{}, nil
			continue
		}
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "event":
			m.event = value
		case "data":
			data = append(data, value)
		}
	}
	return lines.Err()
}

var unescape = strings.NewReplacer("%25", "%", "%0A", "\n", "%0D", "\r", "%0a", "\n", "%0d", "\r")
