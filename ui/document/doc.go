// Package document shows custom data as a tree: the snapshot of the token, with a mark on every field that is outdated.
//
// May import: model, ui/edit, ui/request, ui/keys, ui/nav, ui/pane, ui/state, ui/style, ui/text.
package document
