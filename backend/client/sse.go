package client

import (
	"bufio"
	"io"
	"strings"
)

// maxEvent is the maximum size of a server-sent event: a document of 16 MB as extended JSON, with its update
// description.
const maxEvent = 128 << 20

// sseEvent is one server-sent event.
type sseEvent struct{ event, data string }

// readEvents reads server-sent events and passes them to dispatch (PROTOCOL: watch). Lines end in LF or CRLF, a blank
// line ends an event, a line that starts with a colon is a comment, several data lines are joined. Only %25, %0A and
// %0D are escapes.
func readEvents(r io.Reader, dispatch func(sseEvent) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxEvent)
	var m sseEvent
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
			m, data = sseEvent{}, nil
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
