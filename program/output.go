package program

import (
	"io"
	"os"

	"dossier/model"
)

// output records the first failed write to standard output, so that a command whose result is lost does not succeed.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// fault returns the first failed write; nil: none failed.
func (o *output) fault() error {
	if o.err == nil {
		return nil
	}
	return &model.Fault{Kind: model.Failed, Op: "write the result to standard output", Message: o.err.Error(), Err: o.err}
}

// writer returns the writer for commands. For a file it is one too, so that libraries detect a terminal.
func (o *output) writer() io.Writer {
	if f, is := o.w.(*os.File); is {
		return outputFile{f, o}
	}
	return o
}

type outputFile struct {
	*os.File
	o *output
}

func (f outputFile) Write(p []byte) (int, error)       { return f.o.Write(p) }
func (f outputFile) WriteString(s string) (int, error) { return f.o.Write([]byte(s)) }
