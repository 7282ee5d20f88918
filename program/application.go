package program

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"dossier/backend/app"
	"dossier/backend/auth"
	"dossier/backend/functions"
	"dossier/model"
	"dossier/ui/cli"
)

// reportFunc reports the findings in an application directory that is opened.
type reportFunc func(dir string, findings []app.Finding)

// openDirectory opens an application directory. Links that lead out of it are not followed: the author of an
// application may lack permission to read other files of this machine.
func openDirectory(dir string) (fs.FS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, model.InvalidInputf("--app", "%s is not a readable directory", dir)
	}
	return root.FS(), nil
}

// appOptions returns how application directories are read.
func (r *runner) appOptions() app.Options {
	return app.Options{Secret: r.secret, CheckProvider: auth.CheckProvider, Compile: functions.Check}
}

// secret returns the value of a secret that an application directory names, from the environment.
func (r *runner) secret(name string) (string, bool) {
	value := r.getenv(app.SecretVariable(name))
	return value, value != ""
}

// examine reads an application directory and returns every finding. It stops when ctx ends.
func (r *runner) examine(ctx context.Context, dir string) (cli.Report, error) {
	files, err := openDirectory(dir)
	if err != nil {
		return cli.Report{}, err
	}
	options := r.appOptions()
	options.LoadModule = functions.Loader(ctx, r.Now)
	a, findings := app.Examine(files, options)
	if ctx.Err() != nil {
		return cli.Report{}, &model.Fault{Kind: model.Failed, Op: "check the application", Message: "interrupted",
			Err: ctx.Err()}
	}
	out := cli.Report{Starts: a != nil, Findings: make([]cli.Finding, len(findings))}
	if a != nil {
		out.AppID = a.ID
	}
	for i, f := range findings {
		out.Findings[i] = cli.Finding{Level: string(f.Level), File: f.File, Key: f.Key, Text: f.Text}
	}
	return out, nil
}

// readApp reads an application directory whose functions may send requests to the given hosts. It reports what is not
// supported or suspect; what is wrong is an error.
func (r *runner) readApp(dir string, hosts []string, report reportFunc) (*app.App, error) {
	files, err := openDirectory(dir)
	if err != nil {
		return nil, err
	}
	options := r.appOptions()
	options.AllowedHosts = hosts
	a, findings := app.Examine(files, options)
	var invalid, others []app.Finding
	for _, f := range findings {
		switch f.Level {
		case app.Invalid:
			invalid = append(invalid, f)
		case app.Unsupported, app.Suspicious:
			others = append(others, f)
		}
	}
	if a == nil {
		fault := model.InvalidInputf("--app "+dir, "%s", invalid[0])
		if len(invalid) > 1 {
			fault.Message += fmt.Sprintf(", and %d more are wrong", len(invalid)-1)
		}
		fault.Advice = "dossier doctor --app " + dir + " lists all findings"
		return nil, fault
	}
	report(dir, others)
	return a, nil
}

// countFindings prints how many findings there are on standard error, beside the output of a command.
func (r *runner) countFindings(dir string, findings []app.Finding) {
	if n := len(findings); n == 1 {
		fmt.Fprintf(r.Stderr, "dossier: 1 finding: dossier doctor --app %s\n", model.Show(dir))
	} else if n > 1 {
		fmt.Fprintf(r.Stderr, "dossier: %d findings: dossier doctor --app %s\n", n, model.Show(dir))
	}
}

// logFindings returns a function that logs each finding.
func logFindings(log *slog.Logger) reportFunc {
	return func(dir string, findings []app.Finding) {
		for _, f := range findings {
			log.Warn("application directory", "dir", dir, "finding", string(f.Level), "file", f.File, "key", f.Key,
				"text", model.Show(f.Text).String())
		}
	}
}
