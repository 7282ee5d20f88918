// Command bench measures dossier from outside, beside other programs on the same machine in the same run, and prints
// the tables of README's "How fast". It requires Linux (/proc). What is not installed is named and left out;
// vi-mongo is not measured.
//
//	go run ./bench                 # at most ten minutes
//	go run ./bench -quick          # fewer repetitions, small workspaces, without the Go benchmarks
//	go run ./bench -tables documents
//	go run ./bench -base ./before  # compares with another dossier
//
// May import: backend/embedded.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	base       string        // another dossier to compare with
	runs, keys int           // repetitions, and keys pressed in each
	idle       time.Duration // time without input in each
	age        time.Duration // of the token on the screen: a new one is shown with seconds, which costs a frame each
	users      []int
	workspaces string // directory that keeps the workspaces of users
	large      bool
	benchmarks bool
	tables     []string // empty: all
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&o.base, "base", "", "another dossier to compare with")
	flags.IntVar(&o.runs, "runs", 5, "repetitions of each measurement")
	users := flags.String("users", "10,10000,100000,1000000", "users in the workspaces that show growth")
	flags.StringVar(&o.workspaces, "workspaces", "", "directory that keeps these workspaces for the next run; empty: none")
	flags.BoolVar(&o.large, "large", true, "measure documents of 1 MB and 16 MB, too")
	flags.BoolVar(&o.benchmarks, "benchmarks", true, "run the Go benchmarks of service and database")
	tables := flags.String("tables", "", "only some of: commands, growth, benchmarks, documents, screen")
	quick := flags.Bool("quick", false, "3 repetitions, workspaces of 10 and 10,000 users, no Go benchmarks")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.keys, o.idle, o.age = 20, 2*time.Second, 3*time.Minute
	if *quick {
		o.runs, o.keys, o.idle, o.age, o.benchmarks, *users = 3, 16, time.Second, 0, false, "10,10000"
	}
	for _, text := range strings.Fields(strings.ReplaceAll(*users, ",", " ")) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return o, fmt.Errorf("-users: expected numbers such as 10,10000, got %q", *users)
		}
		o.users = append(o.users, n)
	}
	o.tables = strings.FieldsFunc(*tables, func(r rune) bool { return r == ',' || r == ' ' })
	if o.runs < 1 || flags.NArg() > 0 {
		return o, errors.New("expected at least one run, and no arguments after the flags")
	}
	return o, nil
}

func run(ctx context.Context, args []string) error {
	o, err := parse(args)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("the measurements require Linux: they read /proc")
	}
	dir, err := os.MkdirTemp("", "dossier-bench-")
	if err != nil {
		return err
	}
	if o.workspaces == "" {
		o.workspaces = filepath.Join(dir, "workspaces")
	}
	m := &meter{options: o, ctx: ctx, dir: dir, path: os.Getenv("PATH"), now: time.Now, out: os.Stdout,
		random: rand.New(rand.NewPCG(9, 60))}
	return errors.Join(m.measure(), os.RemoveAll(dir))
}
