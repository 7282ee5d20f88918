package e2e_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mailServer accepts every mail and passes it on.
func mailServer(t *testing.T) (address string, mails <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go receive(conn, out)
		}
	}()
	return l.Addr().String(), out
}

func receive(conn net.Conn, out chan<- string) {
	defer conn.Close()
	fmt.Fprint(conn, "220 here\r\n")
	var mail strings.Builder
	inData := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		switch {
		case inData && line == ".":
			inData = false
			out <- mail.String()
		case inData:
			mail.WriteString(line + "\n")
			continue
		case line == "DATA":
			inData = true
			fmt.Fprint(conn, "354 go on\r\n")
			continue
		}
		fmt.Fprint(conn, "250 yes\r\n")
	}
}

// serveMailing runs a service whose application confirms addresses by mail. It returns the URL for registrations and
// the path of the log.
func (h *home) serveMailing(variables ...string) (url, log string) {
	h.t.Helper()
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir, "--app-id", "mailing-app")
	h.write(dir, "auth/providers.json", `{"local-userpass": {"name": "local-userpass", "type": "local-userpass", "disabled": false,
		"config": {"autoConfirm": false, "emailConfirmationUrl": "https://app.example.com/confirm", "resetPasswordUrl": "https://app.example.com/reset"}}}`)
	log = filepath.Join(h.dir, "log")
	h.env = append(h.env, variables...)
	s := h.serve("--app", dir, "--log", log)
	return s.URL + "/api/client/v2.0/app/mailing-app/auth/providers/local-userpass/register", log
}

func (h *home) register(url string) {
	h.t.Helper()
	res, err := http.Post(url, "application/json",
		strings.NewReader(`{"email":"ada@example.com","password":"correct horse"}`))
	if err != nil {
		h.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 201 {
		h.t.Fatalf("registering: %s", res.Status)
	}
}

func TestServiceSendsMail(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	server, mails := mailServer(t)
	url, log := h.serveMailing("DOSSIER_SMTP=smtp://" + server + "?from=app@example.com")
	h.register(url)
	mail := <-mails
	if !strings.Contains(mail, "To: <ada@example.com>") ||
		!strings.Contains(mail, "https://app.example.com/confirm?token=3D") {
		t.Errorf("the mail: %s", mail)
	}
	if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "confirm?token") {
		t.Errorf("the link is in the log: %s, %v", text, err)
	}
}

func TestServiceWithoutAMailServerLogsTheLink(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	url, log := h.serveMailing()
	h.register(url)
	if text, err := os.ReadFile(log); err != nil || !strings.Contains(string(text),
		"https://app.example.com/confirm?token=") {
		t.Errorf("the log: %s, %v", text, err)
	}
}

func TestPasswordOfTheMailServerIsNotPrinted(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir)
	r := h.run("", "serve", "--app", dir, "--smtp", "smtp://ada:geheim@mail.example.com:port?from=a@b.c")
	if r.code != 2 || !strings.Contains(r.err, "--smtp") || strings.Contains(r.err+r.out, "geheim") {
		t.Errorf("%+v", r)
	}
}
