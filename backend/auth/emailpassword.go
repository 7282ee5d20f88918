package auth

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/app"
	"dossier/backend/directory"
	"dossier/backend/store"
)

// maxEmail is the longest e-mail address, in bytes. Its form is not checked: applications register other names too.
const maxEmail = 1024

// mailTimeout limits how long sending a mail may delay a request.
const mailTimeout = 10 * time.Second

func (s *Service) emailPasswordSettings() app.EmailPassword {
	return s.options.Providers[api.EmailPassword].EmailPassword
}

// Register stores an e-mail address and a password as an unclaimed identity. The first sign-in creates the user, or the
// identity is linked to an existing one. Without automatic confirmation the registration stays pending until it is
// confirmed by the mailed link or by a function. clientAddress is for the rate limit.
func (s *Service) Register(ctx context.Context, email string, password Secret, clientAddress string) error {
	if err := s.providerEnabled(api.EmailPassword); err != nil {
		return err
	}
	if err := s.rateLimiter.allowRegistration(ctx, clientAddress); err != nil {
		return err
	}
	c := s.emailPasswordSettings()
	byMail := !c.AutoConfirm && c.ConfirmFunction == ""
	switch {
	case byMail && c.ConfirmURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"registration is not possible: the application sets none of autoConfirm, confirmationFunctionName, "+
				"emailConfirmationUrl")
	case byMail && !validMailAddress(email):
		return invalidEmail()
	}
	i, err := s.addRegistration(ctx, email, password, !c.AutoConfirm)
	switch {
	case err != nil || c.AutoConfirm:
		return err
	case byMail:
		return s.confirmByMail(ctx, i)
	}
	return s.runConfirmFunction(ctx, i) // the registration stays in any case, and the function can be retried
}

// confirmByMail sends the confirmation mail of a new registration. When that fails it deletes the registration, so the
// user can register again.
func (s *Service) confirmByMail(ctx context.Context, i directory.Identity) error {
	err := s.rateLimiter.allowMailTo(ctx, i.Subject)
	if err == nil {
		err = s.sendConfirmationMail(ctx, i)
	}
	if err == nil {
		return nil
	}
	if cleanupErr := s.deletePassword(ctx, i); cleanupErr != nil {
		return errors.Join(err, cleanupErr)
	}
	return errors.Join(err, s.directory.DeleteUnconfirmed(ctx, i))
}

// validMailAddress reports whether mail can be sent to an address as it is written.
func validMailAddress(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Name == "" && a.Address == email && !strings.ContainsFunc(email, unicode.IsControl)
}

func invalidEmail() error {
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "email invalid")
}

// CreateUser registers an e-mail address and creates the user at once, as the first sign-in would; it returns the user
// id. It is for seeding a workspace.
func (s *Service) CreateUser(ctx context.Context, email string, password Secret) (string, error) {
	i, err := s.addRegistration(ctx, email, password, false)
	if err != nil {
		return "", err
	}
	u, err := s.findOrCreateUser(ctx, i)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

func (s *Service) addRegistration(ctx context.Context, email string, password Secret, pending bool) (directory.Identity,
	error) {
	var none directory.Identity
	if email == "" || len(email) > maxEmail {
		return none, invalidEmail()
	}
	if err := checkPasswordFormat(password); err != nil {
		return none, err
	}
	inUse := api.Errorf(http.StatusConflict, api.CodeAccountNameInUse, "name already in use")
	if existing, err := s.directory.Identity(ctx, api.EmailPassword, email); err != nil {
		return none, err
	} else if existing != nil {
		return none, inUse
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return none, err
	}
	id, err := newIdentityID(s.options.Random, s.options.Now())
	if err != nil {
		return none, err
	}
	data, err := bson.Marshal(bson.D{{Key: "email", Value: email}})
	if err != nil {
		return none, err
	}
	i := directory.Identity{Provider: api.EmailPassword, Subject: email, ID: id, Data: data, Pending: pending}
	if err := s.directory.AddIdentity(ctx, i); errors.Is(err, directory.ErrIdentityExists) {
		return none, inUse
	} else if err != nil {
		return none, err
	}
	// A password reset that ran while the previous registration was deleted may have left its password.
	err = s.deletePassword(ctx, i)
	if err == nil {
		err = s.storePassword(ctx, i, hash)
	}
	if err != nil {
		return none, errors.Join(err, s.directory.DeleteIdentity(ctx, i))
	}
	return i, nil
}

// storePassword stores the hash for the identity's version, unless the stored one is for a later version.
func (s *Service) storePassword(ctx context.Context, i directory.Identity, hash string) error {
	notNewer := bson.D{{Key: "_id", Value: i.Key()},
		{Key: "version", Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gt", Value: i.Version}}}}}}
	set := bson.D{{Key: "hash", Value: hash}, {Key: "changed_at", Value: s.options.Now()},
		{Key: "version", Value: i.Version}}
	_, err := s.passwords.UpdateOne(ctx, notNewer, bson.D{{Key: "$set", Value: set}}, store.Change{Upsert: true})
	if store.KindOf(err) == store.Duplicate {
		return nil
	}
	return err
}

// passwordHash returns the stored hash of an identity; empty when the identity is nil or has none.
func (s *Service) passwordHash(ctx context.Context, i *directory.Identity) (string, error) {
	key := ""
	if i != nil {
		key = i.Key()
	}
	doc, err := s.passwords.FindOne(ctx, bson.D{{Key: "_id", Value: key}}, store.Find{})
	if err != nil || doc == nil || i == nil {
		return "", err
	}
	if version, _ := doc.Lookup("version").AsInt64OK(); version != i.Version {
		return "", nil // it is being reset
	}
	hash, _ := doc.Lookup("hash").StringValueOK()
	return hash, nil
}

func (s *Service) deletePassword(ctx context.Context, i directory.Identity) error {
	_, err := s.passwords.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}})
	return err
}

// verifyPassword verifies an e-mail/password credential. An unknown address takes as long and gets the same response as
// a wrong password.
func (s *Service) verifyPassword(ctx context.Context, c Credential) (directory.Identity, error) {
	var none directory.Identity
	email, err := requiredString(c.Body, "username")
	if err != nil {
		return none, err
	}
	text, err := requiredString(c.Body, "password")
	if err != nil {
		return none, err
	}
	password := NewSecret(text)
	if err := checkNUL(password); err != nil {
		return none, err
	}
	attempt := throttleID(directory.IdentityKey(api.EmailPassword, email), c.ClientAddress)
	if err := s.throttle.begin(ctx, attempt); err != nil {
		return none, err
	}
	i, err := s.directory.Identity(ctx, api.EmailPassword, email)
	if err != nil {
		return none, err
	}
	stored, err := s.passwordHash(ctx, i)
	if err != nil {
		return none, err
	}
	ok, outdated, err := s.hasher.verify(ctx, stored, password)
	switch {
	case err != nil:
		return none, errors.Join(err, s.throttle.undo(ctx, attempt))
	case !ok:
		return none, api.Errorf(http.StatusUnauthorized, api.CodeInvalidPassword, "unauthorized")
	}
	if err := s.throttle.reset(ctx, attempt); err != nil {
		return none, err
	}
	if i.Pending {
		return none, unauthorized("the e-mail address is not confirmed")
	}
	if outdated {
		if err := s.rehash(ctx, i.Key(), stored, password); err != nil {
			return none, err
		}
	}
	return *i, nil
}

// recheckPassword fails when the password was replaced since it was verified. It runs after the user's epoch was read:
// otherwise the new session would outlive a concurrent reset.
func (s *Service) recheckPassword(ctx context.Context, i directory.Identity) error {
	if i.Provider != api.EmailPassword {
		return nil
	}
	current, err := s.directory.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return err
	}
	if current == nil || current.ID != i.ID || current.Version != i.Version {
		return api.Errorf(http.StatusUnauthorized, api.CodeInvalidPassword, "unauthorized")
	}
	return nil
}

// rehash stores the password with the current cost, unless it was changed meanwhile.
func (s *Service) rehash(ctx context.Context, key, stored string, password Secret) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.passwords.UpdateOne(ctx, bson.D{{Key: "_id", Value: key}, {Key: "hash", Value: stored}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "hash", Value: hash}}}}, store.Change{})
	return err
}

// requiredString reads a required string of a login body.
func requiredString(body bson.Raw, key string) (string, error) {
	if text, ok := body.Lookup(key).StringValueOK(); ok {
		return text, nil
	}
	return "", api.Errorf(http.StatusBadRequest, api.CodeMissingParameter, "'%s' is a required string", key)
}
