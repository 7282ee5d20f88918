package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Doctor tries what functions require, and says how their requests get out.
func TestDoctorTriesModules(t *testing.T) {
	h := newHome(t)
	dir := filepath.Join(h.dir, "shop")
	h.ok("init", dir)
	pack := filepath.Join(dir, "functions", "node_modules", "sign")
	if err := os.MkdirAll(pack, 0o700); err != nil {
		t.Fatal(err)
	}
	h.write(pack, "index.js", "\nexports.s = require('stream')")
	h.write(dir, "functions/onUserCreation.js", `
		const sign = require("sign"), axios = require("axios"), fs = require("fs"), crypto = require("crypto");
		exports = async function (user) { await context.http.get({ url: "https://api.example.com/v1" }); await context.users.find() };`)
	h.write(dir, "functions/config.json", `[{"name":"onUserCreation","private":true,"run_as_system":true},{"name":"other"}]`)
	h.write(dir, "functions/other.js", `exports = () => 1`)
	e, r := h.examine(dir)
	var got []string
	for _, f := range e.Findings {
		if f.File == "functions/onUserCreation.js" {
			got = append(got, f.Level+" "+f.Text)
		}
	}
	slices.Sort(got)
	want := []string{
		`missing sends requests (context.http), which reach no host that is not allowed: dossier serve --http-host api.example.com`,
		`suspect functions have no context.users here`,
		`suspect require("axios"): there is no such module in functions/node_modules`,
		`suspect require("fs"): this module of Node's own is not part of the service`,
		`suspect require("stream") in functions/node_modules/sign/index.js:2: this module of Node's own is not part of the service`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s\n%+v", strings.Join(got, "\n"), r)
	}
}
