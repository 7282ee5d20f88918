// Package mail sends emails to users by SMTP, or logs them where no mail server is configured.
//
// May import: backend/auth.
package mail
