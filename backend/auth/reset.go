package auth

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// SendResetPasswordEmail mails a link for choosing a new password. clientAddress is for the rate limit.
func (s *Service) SendResetPasswordEmail(ctx context.Context, email, clientAddress string) error {
	i, err := s.registrationFor(ctx, email, clientAddress)
	if err != nil {
		return err
	}
	c := s.emailPasswordSettings()
	switch {
	case c.ResetFunction != "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "please use reset password via function")
	case c.ResetURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"cannot send a password reset to %s: the application has no resetPasswordUrl", email)
	}
	if err := s.rateLimiter.allowMailTo(ctx, email); err != nil {
		return err
	}
	return s.sendTokenMail(ctx, purposeReset, i, Mail{
		Subject: cmp.Or(c.ResetSubject, "Reset your password"),
		Body:    NewSecret("Open this link within 30 minutes to choose a new password:"),
	}, c.ResetURL)
}

// ResetPassword replaces the password that a one-time token was issued for, and ends all sessions of the user.
func (s *Service) ResetPassword(ctx context.Context, token OneTimeToken, password Secret) error {
	if err := s.providerEnabled(api.EmailPassword); err != nil {
		return err
	}
	if err := checkPasswordFormat(password); err != nil {
		return err
	}
	row, err := s.oneTimeTokens.find(ctx, purposeReset, token)
	if err != nil {
		return err
	}
	i, err := s.directory.Identity(ctx, api.EmailPassword, row.Email)
	if err != nil {
		return err
	}
	if i == nil || i.ID != row.IdentityID || i.Version != row.Version {
		return invalidOneTimeToken()
	}
	replaced, err := s.replacePassword(ctx, *i, password)
	if err != nil {
		return err
	}
	if !replaced {
		return invalidOneTimeToken()
	}
	return s.oneTimeTokens.delete(ctx, token.ID)
}

// CallResetPasswordFunction calls the application's reset function, which decides whether the password is replaced.
// clientAddress is for the rate limit.
func (s *Service) CallResetPasswordFunction(ctx context.Context, email string, password Secret, args []bson.RawValue,
	clientAddress string) error {
	if err := checkPasswordFormat(password); err != nil {
		return err
	}
	i, err := s.registrationFor(ctx, email, clientAddress)
	if err != nil {
		return err
	}
	function := s.emailPasswordSettings().ResetFunction
	if function == "" {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"cannot reset the password of %s via function: the application has no reset function", email)
	}
	if err := s.rateLimiter.allowMailTo(ctx, email); err != nil {
		return err
	}
	return s.runResetFunction(ctx, i, function, password, args)
}

func (s *Service) runResetFunction(ctx context.Context, i directory.Identity, function string, password Secret,
	args []bson.RawValue) error {
	stored, err := s.passwordHash(ctx, &i)
	if err != nil {
		return err
	}
	currentValid, _, err := s.hasher.verify(ctx, stored, password)
	if err != nil {
		return err
	}
	t, err := s.oneTimeTokens.issue(ctx, purposeReset, i)
	if err != nil {
		return err
	}
	status, err := s.callStatusFunction(ctx, function, i, bson.D{
		{Key: "username", Value: i.Subject}, {Key: "password", Value: password.Reveal()},
		{Key: "token", Value: t.Token.Reveal()}, {Key: "tokenId", Value: t.ID}, {Key: "currentPasswordValid",
			Value: currentValid},
	}, args...)
	if err == nil && status == statusPending {
		return nil
	}
	if deleteErr := s.oneTimeTokens.delete(ctx, t.ID); err != nil || deleteErr != nil {
		return errors.Join(err, deleteErr)
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

// replacePassword sets an identity's password and ends all sessions of its user. It returns false when the password was
// replaced concurrently. The order makes an interrupted reset safe: first no password is valid, then the sessions end,
// then the new password becomes valid.
func (s *Service) replacePassword(ctx context.Context, i directory.Identity, password Secret) (bool, error) {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return false, err
	}
	updated, err := s.directory.IncrementVersion(ctx, i)
	if err != nil || updated == nil {
		return false, err
	}
	if updated.UserID != "" {
		if err := s.directory.RevokeSessions(ctx, updated.UserID); err != nil && !errors.Is(err, directory.ErrNotFound) {
			return false, err
		}
		if err := s.sessions.deleteAll(ctx, updated.UserID); err != nil {
			return false, err
		}
	}
	return true, s.storePassword(ctx, *updated, hash)
}
