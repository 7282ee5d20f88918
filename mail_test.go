package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// letterBox is a mail server that takes everything and passes each letter on.
func letterBox(t *testing.T) (address string, letters <-chan string) {
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
			go take(conn, out)
		}
	}()
	return l.Addr().String(), out
}

func take(conn net.Conn, out chan<- string) {
	defer conn.Close()
	fmt.Fprint(conn, "220 here\r\n")
	var letter strings.Builder
	inside := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		switch {
		case inside && line == ".":
			inside = false
			out <- letter.String()
		case inside:
			letter.WriteString(line + "\n")
			continue
		case line == "DATA":
			inside = true
			fmt.Fprint(conn, "354 go on\r\n")
			continue
		}
		fmt.Fprint(conn, "250 yes\r\n")
	}
}

// mailing runs a service with an application that confirms by mail, and returns where registrations go and the log's file.
func (h *home) mailing(variables ...string) (url, log string) {
	h.t.Helper()
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir, "--app-id", "mailing-app")
	h.write(dir, "auth/providers.json", `{"local-userpass": {"name": "local-userpass", "type": "local-userpass", "disabled": false,
		"config": {"autoConfirm": false, "emailConfirmationUrl": "https://app.example.com/confirm", "resetPasswordUrl": "https://app.example.com/reset"}}}`)
	log = filepath.Join(h.dir, "log")
	serve := h.command("serve", "--json", "--listen", "127.0.0.1:0", "--app", dir, "--log", log)
	serve.Env = append(serve.Env, variables...)
	out, err := serve.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		_ = serve.Process.Signal(os.Interrupt)
		_ = serve.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		h.t.Fatal(err)
	}
	var at struct{ URL string }
	if err := json.Unmarshal([]byte(line), &at); err != nil {
		h.t.Fatal(err)
	}
	return at.URL + "/api/client/v2.0/app/mailing-app/auth/providers/local-userpass/register", log
}

func (h *home) register(url string) {
	h.t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(`{"email":"ada@example.com","password":"correct horse"}`))
	if err != nil {
		h.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != 201 {
		h.t.Fatalf("registering: %s", res.Status)
	}
}

func TestServiceSendsMail(t *testing.T) {
	h := newHome(t)
	server, letters := letterBox(t)
	url, log := h.mailing("DOSSIER_SMTP=smtp://" + server + "?from=app@example.com")
	h.register(url)
	if letter := <-letters; !strings.Contains(letter, "To: <ada@example.com>") || !strings.Contains(letter, "https://app.example.com/confirm?token=3D") {
		t.Errorf("the letter: %s", letter)
	}
	if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "confirm?token") {
		t.Errorf("the link is in the log: %s, %v", text, err)
	}
}

func TestServiceWithoutAMailServerLogsTheLink(t *testing.T) {
	h := newHome(t)
	url, log := h.mailing()
	h.register(url)
	if text, err := os.ReadFile(log); err != nil || !strings.Contains(string(text), "https://app.example.com/confirm?token=") {
		t.Errorf("the log: %s, %v", text, err)
	}
}

func TestAddressOfTheMailServerIsNotShown(t *testing.T) {
	h := newHome(t)
	dir := filepath.Join(h.dir, "app")
	h.ok("init", dir)
	r := h.run("", "serve", "--app", dir, "--smtp", "smtp://ada:geheim@mail.example.com:port?from=a@b.c")
	if r.code != 2 || !strings.Contains(r.err, "--smtp") || strings.Contains(r.err+r.out, "geheim") {
		t.Errorf("%+v", r)
	}
}
