package terminal

import (
	tea "charm.land/bubbletea/v2"
)

// Lend returns a command that restores the terminal, runs a command that uses it, such as one that waits for an editor,
// and takes the terminal back before the model gets the message of that command. The model handles other messages
// meanwhile; its views are not drawn. The command must end when the context of the program does.
func Lend(run tea.Cmd) tea.Cmd {
	return func() tea.Msg { return lendMsg{run} }
}

type (
	lendMsg  struct{ run tea.Cmd }
	returned struct{ result tea.Msg } // the command has ended
)

// lent is the terminal while another program uses it. The zero value: none does. It is for the event loop, and after
// that for Run.
type lent struct {
	ended chan struct{} // closed when the command has ended; nil: the terminal is not lent
	raw   string        // to print when the terminal is back
}

func (l *lent) active() bool { return l.ended != nil }

// wait waits until the terminal is not used any more.
func (l *lent) wait() {
	if l.active() {
		<-l.ended
	}
}

// lend hands the terminal to a command. A second command waits for nothing: it runs beside the first.
func (p *Program) lend(run tea.Cmd) tea.Msg {
	if p.lent.active() {
		go func() { p.tea.Send(guard(run)()) }()
		return nil
	}
	p.stopInput()
	_ = p.leave()
	ended := make(chan struct{})
	p.lent, p.loop.lent = lent{ended: ended}, true
	go func() {
		result := guard(run)()
		close(ended)
		p.tea.Send(returned{result})
	}()
	return nil
}

// takeBack takes the terminal after a command, whose result the model gets.
func (p *Program) takeBack(result tea.Msg) tea.Msg {
	stopInput, err := p.enter()
	if err != nil {
		return failure{err}
	}
	p.stopInput = stopInput
	raw := p.lent.raw
	p.lent, p.loop.lent = lent{}, false
	p.out.print(raw)
	go p.sendSize() // this is the event loop
	if result == nil {
		return tea.ResumeMsg{}
	}
	return result
}
