// Package document shows custom data as a tree: what the token holds, with every field marked that the database is known to hold otherwise.
//
// May import: model, ui/request, ui/keys, ui/nav, ui/pane, ui/state, ui/style, ui/text.
package document
