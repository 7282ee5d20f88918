package main

import (
	"os"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/functions"
	"dossier/model"
	"dossier/ui/cli"
)

// examine reads an application directory to its end and says all there is to say about it.
func (m *machine) examine(dir string) (cli.Examined, error) {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return cli.Examined{}, model.Inputf("--app", "%s is no directory that can be read", dir)
	}
	a, findings := app.Examine(os.DirFS(dir), app.Options{Secret: m.secret, Provider: auth.Check, Compile: functions.Check})
	out := cli.Examined{Starts: a != nil, Findings: make([]cli.Finding, len(findings))}
	if a != nil {
		out.AppID = a.ID
	}
	for i, f := range findings {
		out.Findings[i] = cli.Finding{Level: string(f.Level), File: f.File, Key: f.Key, Text: f.Text}
	}
	return out, nil
}
