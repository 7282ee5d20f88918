package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// The statuses that a confirmation or reset function returns. Anything else, including an exception, counts as "fail".
const (
	statusSuccess = "success"
	statusPending = "pending"
	statusFail    = "fail"
)

// ConfirmUser confirms the registration that a one-time token was issued for.
func (s *Service) ConfirmUser(ctx context.Context, token OneTimeToken) error {
	if err := s.providerEnabled(api.EmailPassword); err != nil {
		return err
	}
	row, err := s.oneTimeTokens.find(ctx, purposeConfirm, token)
	if err != nil {
		return err
	}
	i, err := s.directory.Identity(ctx, api.EmailPassword, row.Email)
	if err != nil {
		return err
	}
	if i == nil || i.ID != row.IdentityID {
		return invalidOneTimeToken()
	}
	confirmed, err := s.directory.ConfirmIdentity(ctx, *i)
	if err != nil {
		return err
	}
	if !confirmed {
		return alreadyConfirmed()
	}
	return s.oneTimeTokens.delete(ctx, token.ID)
}

// ResendConfirmation sends the confirmation mail again. clientAddress is for the rate limit.
func (s *Service) ResendConfirmation(ctx context.Context, email, clientAddress string) error {
	i, err := s.registrationFor(ctx, email, clientAddress)
	if err != nil {
		return err
	}
	c := s.emailPasswordSettings()
	switch {
	case !i.Pending:
		return alreadyConfirmed()
	case c.ConfirmFunction != "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "please use confirmation via function")
	case c.ConfirmURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"cannot send a confirmation to %s: the application has no emailConfirmationUrl", email)
	}
	if err := s.rateLimiter.allowMailTo(ctx, email); err != nil {
		return err
	}
	return s.sendConfirmationMail(ctx, i)
}

// RetryCustomConfirmation calls the confirmation function again. clientAddress is for the rate limit.
func (s *Service) RetryCustomConfirmation(ctx context.Context, email, clientAddress string) error {
	i, err := s.registrationFor(ctx, email, clientAddress)
	if err != nil {
		return err
	}
	c := s.emailPasswordSettings()
	switch {
	case c.AutoConfirm:
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"cannot run confirmation for %s: automatic confirmation is enabled", email)
	case !i.Pending:
		return alreadyConfirmed()
	case c.ConfirmFunction == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"cannot run confirmation for %s: the application has no confirmation function", email)
	}
	if err := s.rateLimiter.allowMailTo(ctx, email); err != nil {
		return err
	}
	return s.runConfirmFunction(ctx, i)
}

// registrationFor applies the mail rate limit and returns the registration of an e-mail address.
func (s *Service) registrationFor(ctx context.Context, email, clientAddress string) (directory.Identity, error) {
	var none directory.Identity
	if err := s.providerEnabled(api.EmailPassword); err != nil {
		return none, err
	}
	if err := s.rateLimiter.allowMail(ctx, clientAddress); err != nil {
		return none, err
	}
	i, err := s.directory.Identity(ctx, api.EmailPassword, email)
	switch {
	case err != nil:
		return none, err
	case i == nil:
		return none, api.Errorf(http.StatusNotFound, api.CodeUserNotFound, "user not found")
	}
	return *i, nil
}

func alreadyConfirmed() error {
	return api.Errorf(http.StatusBadRequest, api.CodeUserAlreadyConfirmed, "already confirmed")
}

// sendConfirmationMail mails the confirmation link.
func (s *Service) sendConfirmationMail(ctx context.Context, i directory.Identity) error {
	c := s.emailPasswordSettings()
	return s.sendTokenMail(ctx, purposeConfirm, i, Mail{
		Subject: cmp.Or(c.ConfirmSubject, "Confirm your e-mail address"),
		Body:    NewSecret("Open this link within 30 minutes to confirm your e-mail address:"),
	}, c.ConfirmURL)
}

// sendTokenMail issues a one-time token and mails m, followed by the link to page.
func (s *Service) sendTokenMail(ctx context.Context, purpose string, i directory.Identity, m Mail, page string) error {
	if s.options.SendMail == nil {
		return errors.New("send a mail: no mail transport is configured")
	}
	if !validMailAddress(i.Subject) {
		return invalidEmail()
	}
	t, err := s.oneTimeTokens.issue(ctx, purpose, i)
	if err != nil {
		return err
	}
	m.To, m.Link = i.Subject, t.link(page)
	m.Body = NewSecret(m.Body.Reveal() + "\n\n" + m.Link.Reveal() + "\n\nIf you did not request this, ignore this mail.\n")
	ctx, cancel := context.WithTimeout(ctx, mailTimeout)
	defer cancel()
	if err := s.options.SendMail(ctx, m); err != nil {
		// Not wrapped: a timeout of the mail server is no timeout of the database.
		return errors.Join(errors.New("send a mail: "+err.Error()), s.oneTimeTokens.delete(ctx, t.ID))
	}
	return nil
}

// runConfirmFunction calls the application's confirmation function for a registration.
func (s *Service) runConfirmFunction(ctx context.Context, i directory.Identity) error {
	t, err := s.oneTimeTokens.issue(ctx, purposeConfirm, i)
	if err != nil {
		return err
	}
	status, err := s.callStatusFunction(ctx, s.emailPasswordSettings().ConfirmFunction, i, bson.D{
		{Key: "username", Value: i.Subject}, {Key: "token", Value: t.Token.Reveal()}, {Key: "tokenId", Value: t.ID},
	})
	switch {
	case err != nil:
		return errors.Join(err, s.oneTimeTokens.delete(ctx, t.ID))
	case status == statusPending:
		return nil
	case status == statusSuccess:
		if _, err := s.directory.ConfirmIdentity(ctx, i); err != nil {
			return err
		}
		return s.oneTimeTokens.delete(ctx, t.ID)
	}
	if err := s.oneTimeTokens.delete(ctx, t.ID); err != nil {
		return err
	}
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "failed to confirm user %q", i.Subject)
}

// callStatusFunction calls a function that returns {status: "success" | "pending" | "fail"} and returns the status.
func (s *Service) callStatusFunction(ctx context.Context, function string, i directory.Identity, first bson.D,
	rest ...bson.RawValue) (string, error) {
	if s.options.CallFunction == nil {
		return "", errors.New("call a function: functions are not available")
	}
	kind, data, err := bson.MarshalValue(first)
	if err != nil {
		return "", fmt.Errorf("encode the argument of a function: %w", err)
	}
	u, err := s.directory.NewUser(i.UserID, i)
	if err != nil {
		return "", err
	}
	out, err := s.options.CallFunction(ctx, function, u.User, append([]bson.RawValue{{Type: kind, Value: data}}, rest...))
	var thrown *api.Error
	if errors.As(err, &thrown) && thrown.Status < http.StatusInternalServerError {
		return statusFail, nil
	}
	if err != nil {
		return "", err
	}
	result, _ := out.DocumentOK()
	status, _ := result.Lookup("status").StringValueOK()
	return status, nil
}
