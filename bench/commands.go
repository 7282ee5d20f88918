package main

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"dossier/backend/embedded"
)

// commands measures whoami beside other ways to print the same, and what it costs apart from time.
func (m *meter) commands() error {
	var g grid
	var all []subject
	for _, d := range m.dossiers {
		all = append(all, subject{name: d.name, data: firstField,
			start: func() *exec.Cmd { return m.command(d.home, d.binary, "whoami") }})
	}
	if m.found["curl"] && m.found["jq"] {
		curl, err := m.curl()
		if err != nil {
			return err
		}
		all = append(all, curl)
	}
	if m.found["mongosh"] {
		mongosh, err := m.mongosh(m.dossiers[0].home, firstField, `{email: "demo@example.com"}`)
		if err != nil {
			return err
		}
		all = append(all, mongosh)
	}
	if err := m.alternate(all, func(s subject) error { return m.measureCommand(&g, s) }); err != nil {
		return err
	}
	for _, d := range m.dossiers {
		if err := m.costs(&g, d); err != nil {
			return err
		}
	}
	g.print(m.out, "The command whoami")
	return nil
}

// measureCommand runs a command from start to end.
func (m *meter) measureCommand(g *grid, s subject) error {
	cmd := s.start()
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	began := m.now()
	err := cmd.Run()
	took := m.now().Sub(began)
	if err == nil && !strings.Contains(out.String(), s.data) {
		err = errors.New("unexpected output")
	}
	if err != nil {
		return fmt.Errorf("%s failed: %w\n%s", cmd, err, out.String())
	}
	g.add("whoami, ms", s.name, milliseconds(took))
	g.add("whoami: processor time, ms", s.name,
		milliseconds(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
	return nil
}

// costs measures what whoami costs apart from time.
func (m *meter) costs(g *grid, d dossier) error {
	for range m.runs {
		cmd := m.command(d.home, d.binary, "version")
		cmd.Env = append(cmd.Env, "GODEBUG=inittrace=1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s failed: %w\n%s", cmd, err, out)
		}
		g.add("initialisation of packages, ms", d.name, initialisation(string(out)))
	}
	if m.found["strace"] {
		log := filepath.Join(m.dir, "strace")
		_, err := m.output(d.home, "strace", "-f", "-e", "trace=fdatasync,fsync", "-o", log, d.binary, "whoami")
		text, errRead := os.ReadFile(log)
		if err := errors.Join(err, errRead); err != nil {
			return err
		}
		g.add("whoami: fdatasync calls", d.name, float64(strings.Count(string(text), "sync(")))
	}
	info, err := os.Stat(d.binary)
	if err == nil {
		g.add("size of the program, MB", d.name, float64(info.Size())/1e6)
	}
	return err
}

var initialised = regexp.MustCompile(`(?m)^init \S+ @\S+ ms, (\S+) ms clock`)

// initialisation adds up the times in the output of GODEBUG=inittrace=1, in milliseconds.
func initialisation(trace string) float64 {
	sum := 0.0
	for _, line := range initialised.FindAllStringSubmatch(trace, -1) {
		ms, _ := strconv.ParseFloat(line[1], 64)
		sum += ms
	}
	return sum
}

// curl starts the service, and returns a command that reads the profile from it and the custom data from the token.
func (m *meter) curl() (subject, error) {
	home := filepath.Join(m.dir, "service")
	url, stop, err := m.serve(m.dossiers[0].binary, home)
	if err != nil {
		return subject{}, err
	}
	m.atEnd = append(m.atEnd, stop)
	login, err := m.output(home, "curl", "-sf", "-d", `{"username":"demo@example.com","password":"demo-password"}`,
		url+"/api/client/v2.0/app/dossier-demo/auth/providers/local-userpass/login")
	token := regexp.MustCompile(`"access_token":"([^"]+)"`).FindSubmatch(login)
	if err == nil && token == nil {
		err = fmt.Errorf("sign in at the service: %s", login)
	}
	if err != nil {
		return subject{}, err
	}
	const script = `curl -sf -H "Authorization: Bearer $1" "$2/api/client/v2.0/auth/profile" | jq --arg token "$1" ` +
		`'{profile: ., token: ($token | split(".")[1] | gsub("-"; "+") | gsub("_"; "/") | @base64d | fromjson)}'`
	return subject{name: "curl + jq, service running", data: firstField, start: func() *exec.Cmd {
		return m.command(home, "sh", "-c", script, "sh", string(token[1]), url)
	}}, nil
}

// serve starts the service on a free port, and returns its address and a function that ends it.
func (m *meter) serve(binary, home string) (url string, stop func() error, err error) {
	cmd := m.command(home, binary, "serve", "--listen", "127.0.0.1:0", "--log", os.DevNull)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return "", nil, err
	}
	stop = func() error { return errors.Join(cmd.Process.Signal(os.Interrupt), cmd.Wait()) }
	line, err := bufio.NewReader(out).ReadString('\n')
	url = regexp.MustCompile(`http://[0-9.:]+`).FindString(line)
	if url == "" {
		return "", nil, errors.Join(fmt.Errorf("the service printed no address but %q", line), err, stop())
	}
	return url, stop, nil
}

// mongosh serves a copy of a home's workspace, and returns a command that finds a document of the custom data with
// MongoDB's shell.
func (m *meter) mongosh(home, data, filter string) (subject, error) {
	copied, err := os.MkdirTemp(m.dir, "mongosh-")
	if err == nil {
		err = os.CopyFS(copied, os.DirFS(home))
	}
	if err != nil {
		return subject{}, err
	}
	db, err := embedded.Open(workspaceFile(copied), embedded.Options{Now: m.now})
	if err != nil {
		return subject{}, err
	}
	m.atEnd = append(m.atEnd, db.Close)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return subject{}, err
	}
	go func() { _ = db.Serve(listener) }()
	return subject{name: "mongosh", data: data, start: func() *exec.Cmd {
		return m.command(m.dir, "mongosh", "--quiet", "mongodb://"+listener.Addr().String()+"/app?directConnection=true",
			"--eval", "db.custom_user_data.findOne("+filter+")")
	}}, nil
}
