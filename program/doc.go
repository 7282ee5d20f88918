// Package program connects the commands and the screen to the service, in this process or elsewhere.
//
// May import: model, themes, ui, ui/cli, ui/keys, ui/nav, ui/port, ui/state, ui/story, ui/style, ui/terminal,
// backend/accounts,
// backend/api, backend/app, backend/auth, backend/client, backend/functions, backend/mail, backend/metrics,
// backend/server, backend/workspace.
package program
