package main

import (
	"io/fs"
	"os"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/functions"
	"dossier/model"
	"dossier/ui/cli"
)

// directory opens an application directory. Links that lead out of it are not followed: whoever writes an application need
// not be allowed to read what else is on the machine.
func directory(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, model.Inputf("--app", "%s is no directory that can be read", dir)
	}
	return root.FS(), nil
}

// examination is what a look at an application directory needs from outside.
func (m *machine) examination() app.Options {
	return app.Options{Secret: m.secret, CheckProvider: auth.CheckProvider, Compile: functions.Check}
}

// examine reads an application directory to its end and says all there is to say about it.
func (m *machine) examine(dir string) (cli.Examined, error) {
	files, err := directory(dir)
	if err != nil {
		return cli.Examined{}, err
	}
	options := m.examination()
	options.LoadModule = m.load
	a, findings := app.Examine(files, options)
	out := cli.Examined{Starts: a != nil, Findings: make([]cli.Finding, len(findings))}
	if a != nil {
		out.AppID = a.ID
	}
	for i, f := range findings {
		out.Findings[i] = cli.Finding{Level: string(f.Level), File: f.File, Key: f.Key, Text: f.Text}
	}
	return out, nil
}
