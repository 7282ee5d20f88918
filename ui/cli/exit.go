package cli

import "dossier/model"

// Exit codes, which scripts depend on.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitSignedOut   = 3
	exitConflict    = 4
	exitDenied      = 5
	exitUnreachable = 6
)

// ExitCode returns the exit code for an error: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 conflict,
// 5 permission denied, 6 unreachable.
func ExitCode(err error) int {
	switch model.FaultKindOf(err) {
	case "":
		return exitDone
	case model.InvalidInput:
		return exitUsage
	case model.SignedOut, model.InvalidCredentials:
		return exitSignedOut
	case model.Conflicting:
		return exitConflict
	case model.PermissionDenied:
		return exitDenied
	case model.Unreachable:
		return exitUnreachable
	default:
		return exitFailed
	}
}
