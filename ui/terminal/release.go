package terminal

import (
	tea "charm.land/bubbletea/v2"
)

// Release returns a command that restores the terminal, runs a command that uses it, such as one that waits for an
// editor, and takes the terminal back before the model gets the message of that command. The model handles other
// messages meanwhile; its views are not drawn. The command must end when the context of the program does.
func Release(run tea.Cmd) tea.Cmd {
	return func() tea.Msg { return releaseMsg{run} }
}

type (
	releaseMsg struct{ run tea.Cmd }
	returned   struct{ result tea.Msg } // the command has ended
)

// released is the terminal while another program uses it. The zero value: none does. It is for the event loop, and
// after that for Run.
type released struct {
	ended chan struct{} // closed when the command has ended; nil: the terminal is not released
	raw   string        // to print when the terminal is back
}

func (l *released) active() bool { return l.ended != nil }

// wait waits until the terminal is not used any more.
func (l *released) wait() {
	if l.active() {
		<-l.ended
	}
}

// release gives the terminal to a command. A second command waits for nothing: it runs beside the first.
func (p *Program) release(run tea.Cmd) tea.Msg {
	if p.released.active() {
		go func() { p.tea.Send(guard(run)()) }()
		return nil
	}
	p.stopInput()
	_ = p.leave()
	ended := make(chan struct{})
	p.released, p.loop.released = released{ended: ended}, true
	go func() {
		result := guard(run)()
		close(ended)
		p.tea.Send(returned{result})
	}()
	return nil
}

// restore takes the terminal again after a command, whose result the model gets.
func (p *Program) restore(result tea.Msg) tea.Msg {
	stopInput, err := p.enter()
	if err != nil {
		return failure{err}
	}
	p.stopInput = stopInput
	raw := p.released.raw
	p.released, p.loop.released = released{}, false
	p.out.print(raw)
	go p.sendSize() // this is the event loop
	if result == nil {
		return tea.ResumeMsg{}
	}
	return result
}
