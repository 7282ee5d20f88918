package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
)

// The answers of a function that confirms or resets. Anything else, an error included, is "fail".
const (
	statusSuccess = "success"
	statusPending = "pending"
	statusFail    = "fail"
)

// ConfirmUser confirms the registration that a ticket was issued for.
func (s *Service) ConfirmUser(ctx context.Context, t OneTimeToken) error {
	if err := s.provided(api.EmailPassword); err != nil {
		return err
	}
	row, err := s.tickets.find(ctx, toConfirm, t)
	if err != nil {
		return err
	}
	i, err := s.users.Identity(ctx, api.EmailPassword, row.Email)
	if err != nil {
		return err
	}
	if i == nil || i.ID != row.IdentityID {
		return errTicket()
	}
	confirmed, err := s.users.ConfirmIdentity(ctx, *i)
	if err != nil {
		return err
	}
	if !confirmed {
		return alreadyConfirmed()
	}
	return s.tickets.drop(ctx, t.ID)
}

// ResendConfirmation sends the mail with the link once more. address is the client's.
func (s *Service) ResendConfirmation(ctx context.Context, email, address string) error {
	i, err := s.addressed(ctx, email, address)
	if err != nil {
		return err
	}
	c := s.emailPassword()
	switch {
	case !i.Pending:
		return alreadyConfirmed()
	case c.ConfirmFunction != "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "please use confirmation via function")
	case c.ConfirmURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "cannot send a confirmation to %s: the application has no emailConfirmationUrl", email)
	}
	if err := s.limiter.mailTo(ctx, email); err != nil {
		return err
	}
	return s.mailConfirmation(ctx, i)
}

// RetryCustomConfirmation runs the confirmation function once more. address is the client's.
func (s *Service) RetryCustomConfirmation(ctx context.Context, email, address string) error {
	i, err := s.addressed(ctx, email, address)
	if err != nil {
		return err
	}
	c := s.emailPassword()
	switch {
	case c.AutoConfirm:
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "cannot run confirmation for %s: automatic confirmation is enabled", email)
	case !i.Pending:
		return alreadyConfirmed()
	case c.ConfirmFunction == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "cannot run confirmation for %s: the application has no confirmation function", email)
	}
	if err := s.limiter.mailTo(ctx, email); err != nil {
		return err
	}
	return s.runConfirmation(ctx, i)
}

// addressed finds the registration of an e-mail address that somebody wants something sent to.
func (s *Service) addressed(ctx context.Context, email, address string) (directory.Identity, error) {
	var none directory.Identity
	if err := s.provided(api.EmailPassword); err != nil {
		return none, err
	}
	if err := s.limiter.mail(ctx, address); err != nil {
		return none, err
	}
	i, err := s.users.Identity(ctx, api.EmailPassword, email)
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

// mailConfirmation sends the link that confirms.
func (s *Service) mailConfirmation(ctx context.Context, i directory.Identity) error {
	c := s.emailPassword()
	return s.mailTicket(ctx, toConfirm, i, Mail{
		Subject: orElse(c.ConfirmSubject, "Confirm your e-mail address"),
		Body:    NewSecret("Open this link within 30 minutes to confirm your e-mail address:"),
	}, c.ConfirmURL)
}

// mailTicket issues a ticket and sends the link to a page with it, below what the mail says.
func (s *Service) mailTicket(ctx context.Context, use string, i directory.Identity, m Mail, page string) error {
	if s.o.SendMail == nil {
		return errors.New("send a mail: there is no way to")
	}
	if !mailable(i.Subject) {
		return invalidEmail()
	}
	t, err := s.tickets.issue(ctx, use, i)
	if err != nil {
		return err
	}
	m.To, m.Link = i.Subject, t.in(page)
	m.Body = NewSecret(m.Body.Reveal() + "\n\n" + m.Link.Reveal() + "\n\nIf you did not ask for this, there is nothing to do.\n")
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	if err := s.o.SendMail(ctx, m); err != nil {
		return errors.Join(errors.New("send a mail: "+err.Error()), s.tickets.drop(ctx, t.ID)) // not wrapped: a mail server's deadline is not the database's
	}
	return nil
}

// runConfirmation asks the application's function about a registration.
func (s *Service) runConfirmation(ctx context.Context, i directory.Identity) error {
	t, err := s.tickets.issue(ctx, toConfirm, i)
	if err != nil {
		return err
	}
	status, err := s.ask(ctx, s.emailPassword().ConfirmFunction, i, bson.D{
		{Key: "username", Value: i.Subject}, {Key: "token", Value: t.Token.Reveal()}, {Key: "tokenId", Value: t.ID},
	})
	switch {
	case err != nil:
		return errors.Join(err, s.tickets.drop(ctx, t.ID))
	case status == statusPending:
		return nil
	case status == statusSuccess:
		if _, err := s.users.ConfirmIdentity(ctx, i); err != nil {
			return err
		}
		return s.tickets.drop(ctx, t.ID)
	}
	if err := s.tickets.drop(ctx, t.ID); err != nil {
		return err
	}
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "failed to confirm user %q", i.Subject)
}

// ask runs a function that answers {status: "success" | "pending" | "fail"}. One that throws, or answers something else, says "fail".
func (s *Service) ask(ctx context.Context, function string, i directory.Identity, first bson.D, rest ...bson.RawValue) (string, error) {
	if s.o.CallFunction == nil {
		return "", errors.New("run a function: the service has none")
	}
	kind, data, err := bson.MarshalValue(first)
	if err != nil {
		return "", fmt.Errorf("write the argument of a function: %w", err)
	}
	u, err := s.users.NewUser(i.UserID, i)
	if err != nil {
		return "", err
	}
	out, err := s.o.CallFunction(ctx, function, u.User, append([]bson.RawValue{{Type: kind, Value: data}}, rest...))
	var thrown *api.Error
	if errors.As(err, &thrown) && thrown.Status < http.StatusInternalServerError {
		return statusFail, nil
	}
	if err != nil {
		return "", err
	}
	answer, _ := out.DocumentOK()
	status, _ := answer.Lookup("status").StringValueOK()
	return status, nil
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
