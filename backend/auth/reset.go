package auth

import (
	"context"
	"errors"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// SendResetPasswordEmail mails a link with which the password can be replaced. address is the client's.
func (s *Service) SendResetPasswordEmail(ctx context.Context, email, address string) error {
	i, err := s.addressed(ctx, email, address)
	if err != nil {
		return err
	}
	c := s.emailPassword()
	switch {
	case c.ResetFunction != "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "please use reset password via function")
	case c.ResetURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "cannot send a password reset to %s: the application has no resetPasswordUrl", email)
	}
	if err := s.limiter.mailTo(ctx, email); err != nil {
		return err
	}
	return s.mailTicket(ctx, toReset, i, Mail{
		Subject: orElse(c.ResetSubject, "Reset your password"),
		Body:    NewSecret("Open this link within 30 minutes to choose a new password:"),
	}, c.ResetURL)
}

// ResetPassword replaces the password that a ticket was issued for, and ends every session of its owner.
func (s *Service) ResetPassword(ctx context.Context, t OneTimeToken, password Secret) error {
	if err := s.provided(api.EmailPassword); err != nil {
		return err
	}
	if err := checkPassword(password); err != nil {
		return err
	}
	row, err := s.tickets.find(ctx, toReset, t)
	if err != nil {
		return err
	}
	i, err := s.users.Identity(ctx, api.EmailPassword, row.Email)
	if err != nil {
		return err
	}
	if i == nil || i.ID != row.IdentityID || i.Version != row.Version {
		return errTicket()
	}
	replaced, err := s.replacePassword(ctx, *i, password)
	if err != nil {
		return err
	}
	if !replaced {
		return errTicket()
	}
	return s.tickets.drop(ctx, t.ID)
}

// CallResetPasswordFunction asks the application's function whether the password may be replaced. address is the client's.
func (s *Service) CallResetPasswordFunction(ctx context.Context, email string, password Secret, args []bson.RawValue, address string) error {
	if err := checkPassword(password); err != nil {
		return err
	}
	i, err := s.addressed(ctx, email, address)
	if err != nil {
		return err
	}
	function := s.emailPassword().ResetFunction
	if function == "" {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "cannot reset the password of %s via function: the application has no reset function", email)
	}
	if err := s.limiter.mailTo(ctx, email); err != nil {
		return err
	}
	return s.runReset(ctx, i, function, password, args)
}

func (s *Service) runReset(ctx context.Context, i directory.Identity, function string, password Secret, args []bson.RawValue) error {
	stored, err := s.storedPassword(ctx, &i)
	if err != nil {
		return err
	}
	known, _, err := s.hasher.check(ctx, stored, password)
	if err != nil {
		return err
	}
	t, err := s.tickets.issue(ctx, toReset, i)
	if err != nil {
		return err
	}
	status, err := s.ask(ctx, function, i, bson.D{
		{Key: "username", Value: i.Subject}, {Key: "password", Value: password.Reveal()},
		{Key: "token", Value: t.Token.Reveal()}, {Key: "tokenId", Value: t.ID}, {Key: "currentPasswordValid", Value: known},
	}, args...)
	if err == nil && status == statusPending {
		return nil
	}
	if gone := s.tickets.drop(ctx, t.ID); err != nil || gone != nil {
		return errors.Join(err, gone)
	}
	replaced := false
	if status == statusSuccess {
		if replaced, err = s.replacePassword(ctx, i, password); err != nil {
			return err
		}
	}
	if !replaced {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "failed to reset password for user %q", i.Subject)
	}
	return nil
}

// replacePassword gives an identity a new password and ends every session of its owner. It reports false when the password was replaced
// meanwhile. Whatever fails in between, the old password is of no more use: first nothing proves the identity, then the sessions end, and
// only then the new password counts.
func (s *Service) replacePassword(ctx context.Context, i directory.Identity, password Secret) (bool, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return false, err
	}
	now, err := s.users.IncrementVersion(ctx, i)
	if err != nil || now == nil {
		return false, err
	}
	if now.UserID != "" {
		if err := s.users.RevokeSessions(ctx, now.UserID); err != nil && !errors.Is(err, directory.ErrNotFound) {
			return false, err
		}
		if err := s.sessions.endAll(ctx, now.UserID); err != nil {
			return false, err
		}
	}
	return true, s.setPassword(ctx, *now, hash)
}
