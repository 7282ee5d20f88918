// Package mail sends messages to people: by SMTP, or into the log where no mail server is named.
//
// May import: backend/auth.
package mail
