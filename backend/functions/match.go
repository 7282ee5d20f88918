package functions

import "github.com/dlclark/regexp2/v2"

// A regular expression that looks back and ahead may try for ages and cannot be interrupted. It gives up after as long as a
// call may take: the call is over by then, so nobody takes that for an answer.
func init() { regexp2.DefaultMatchTimeout = defaultDeadline }
