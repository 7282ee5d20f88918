// Command largedocument writes a large custom data document as extended JSON, or stores it as the document of a user.
//
//	go run ./bench/largedocument -shape fields >d16m.json
//	go run ./bench/largedocument -shape text -url http://127.0.0.1:8090 -user ada@example.com -password secret
//
// May import: backend/client, model, model/testdocument.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	var o options
	flag.StringVar(&o.shape, "shape", "fields",
		"fields: many fields; text: one long text in one line; lines: in many lines")
	flag.IntVar(&o.size, "size", 0, "size of the document in bytes; 0: the largest that a deployment stores")
	flag.StringVar(&o.url, "url", "", "service that stores the document; empty: write extended JSON instead")
	flag.StringVar(&o.app, "app", "dossier-demo", "application id")
	flag.StringVar(&o.user, "user", "", "e-mail address of the user")
	flag.StringVar(&o.password, "password", "", "password of the user")
	flag.Parse()
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, "largedocument:", err)
		os.Exit(1)
	}
}
