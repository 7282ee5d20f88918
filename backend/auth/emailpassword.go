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

// maxEmail is the longest e-mail address kept, in bytes. Its form is not checked: applications register other names too.
const maxEmail = 1024

// mailTime is how long sending a mail may keep a request waiting.
const mailTime = 10 * time.Second

func (s *Service) emailPassword() app.EmailPassword {
	return s.o.Providers[api.EmailPassword].EmailPassword
}

// Register keeps an e-mail address and a password. The account itself is made at the first sign-in, or the registration is linked to another.
// Unless the application confirms by itself, the registration waits to be confirmed by whoever reads the mail, or by a function. address is
// the client's.
func (s *Service) Register(ctx context.Context, email string, password Secret, address string) error {
	if err := s.provided(api.EmailPassword); err != nil {
		return err
	}
	if err := s.limiter.registration(ctx, address); err != nil {
		return err
	}
	c := s.emailPassword()
	byMail := !c.AutoConfirm && c.ConfirmFunction == ""
	switch {
	case byMail && c.ConfirmURL == "":
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"nobody can register: the application sets neither autoConfirm, nor a confirmation function, nor emailConfirmationUrl")
	case byMail && !mailable(email):
		return invalidEmail()
	}
	i, err := s.register(ctx, email, password, !c.AutoConfirm)
	switch {
	case err != nil || c.AutoConfirm:
		return err
	case byMail:
		return s.registerByMail(ctx, i)
	}
	return s.runConfirmation(ctx, i) // whatever it says, the registration stays, and the function can be run again
}

// registerByMail sends the mail to somebody new. If that fails it is as if they had not registered, so that they can try again.
func (s *Service) registerByMail(ctx context.Context, i directory.Identity) error {
	err := s.limiter.mailTo(ctx, i.Subject)
	if err == nil {
		err = s.mailConfirmation(ctx, i)
	}
	if err == nil {
		return nil
	}
	if gone := s.removePassword(ctx, i); gone != nil {
		return errors.Join(err, gone)
	}
	return errors.Join(err, s.users.DeleteUnconfirmed(ctx, i))
}

// mailable reports whether a mail can be sent to an address as it is.
func mailable(email string) bool {
	a, err := mail.ParseAddress(email)
	return err == nil && a.Name == "" && a.Address == email && !strings.ContainsFunc(email, unicode.IsControl)
}

func invalidEmail() error {
	return api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "email invalid")
}

// CreateUser registers somebody and makes the account at once, as a first sign-in would; it returns the user id. It is for filling a workspace.
func (s *Service) CreateUser(ctx context.Context, email string, password Secret) (string, error) {
	i, err := s.register(ctx, email, password, false)
	if err != nil {
		return "", err
	}
	u, err := s.owner(ctx, i)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

func (s *Service) register(ctx context.Context, email string, password Secret, pending bool) (directory.Identity, error) {
	var none directory.Identity
	if email == "" || len(email) > maxEmail {
		return none, invalidEmail()
	}
	if err := checkPassword(password); err != nil {
		return none, err
	}
	inUse := api.Errorf(http.StatusConflict, api.CodeAccountNameInUse, "name already in use")
	if there, err := s.users.Identity(ctx, api.EmailPassword, email); err != nil {
		return none, err
	} else if there != nil {
		return none, inUse
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return none, err
	}
	id, err := newIdentityID(s.o.Random, s.o.Now())
	if err != nil {
		return none, err
	}
	data, err := bson.Marshal(bson.D{{Key: "email", Value: email}})
	if err != nil {
		return none, err
	}
	i := directory.Identity{Provider: api.EmailPassword, Subject: email, ID: id, Data: data, Pending: pending}
	if err := s.users.AddIdentity(ctx, i); errors.Is(err, directory.ErrIdentityExists) {
		return none, inUse
	} else if err != nil {
		return none, err
	}
	// A reset that was going on while the address was given up may have left a password behind.
	err = s.removePassword(ctx, i)
	if err == nil {
		err = s.setPassword(ctx, i, hash)
	}
	if err != nil {
		return none, errors.Join(err, s.users.DeleteIdentity(ctx, i))
	}
	return i, nil
}

// setPassword keeps the hash for the identity's version, unless there is one for a later version already.
func (s *Service) setPassword(ctx context.Context, i directory.Identity, hash string) error {
	older := bson.D{{Key: "_id", Value: i.Key()}, {Key: "version", Value: bson.D{{Key: "$not", Value: bson.D{{Key: "$gt", Value: i.Version}}}}}}
	set := bson.D{{Key: "hash", Value: hash}, {Key: "changed_at", Value: s.o.Now()}, {Key: "version", Value: i.Version}}
	_, err := s.passwords.UpdateOne(ctx, older, bson.D{{Key: "$set", Value: set}}, store.Change{Upsert: true})
	if store.KindOf(err) == store.Duplicate {
		return nil
	}
	return err
}

// storedPassword gives the hash that proves an identity, nil for nobody's; empty when there is none.
func (s *Service) storedPassword(ctx context.Context, i *directory.Identity) (string, error) {
	key := ""
	if i != nil {
		key = i.Key()
	}
	doc, err := s.passwords.FindOne(ctx, bson.D{{Key: "_id", Value: key}}, store.Find{})
	if err != nil || doc == nil || i == nil {
		return "", err
	}
	if version, _ := doc.Lookup("version").AsInt64OK(); version != i.Version {
		return "", nil // it is being replaced
	}
	hash, _ := doc.Lookup("hash").StringValueOK()
	return hash, nil
}

func (s *Service) removePassword(ctx context.Context, i directory.Identity) error {
	_, err := s.passwords.DeleteOne(ctx, bson.D{{Key: "_id", Value: i.Key()}})
	return err
}

// password proves an e-mail/password identity. An unknown address costs and answers the same as a wrong password.
func (s *Service) password(ctx context.Context, a Credential) (directory.Identity, error) {
	var none directory.Identity
	email, err := field(a.Body, "username")
	if err != nil {
		return none, err
	}
	word, err := field(a.Body, "password")
	if err != nil {
		return none, err
	}
	secret := NewSecret(word)
	if err := checkNUL(secret); err != nil {
		return none, err
	}
	guess := throttleID(directory.IdentityKey(api.EmailPassword, email), a.ClientAddress)
	if err := s.throttle.attempt(ctx, guess); err != nil {
		return none, err
	}
	i, err := s.users.Identity(ctx, api.EmailPassword, email)
	if err != nil {
		return none, err
	}
	stored, err := s.storedPassword(ctx, i)
	if err != nil {
		return none, err
	}
	ok, stale, err := s.hasher.check(ctx, stored, secret)
	switch {
	case err != nil:
		return none, errors.Join(err, s.throttle.takeBack(ctx, guess))
	case !ok:
		return none, api.Errorf(http.StatusUnauthorized, api.CodeInvalidPassword, "unauthorized")
	}
	if err := s.throttle.forget(ctx, guess); err != nil {
		return none, err
	}
	if i.Pending {
		return none, &api.Error{Status: http.StatusUnauthorized, Code: api.CodeAuthError, Message: "unauthorized", Err: errors.New("the e-mail address is not confirmed")}
	}
	if stale {
		if err := s.rehash(ctx, i.Key(), stored, secret); err != nil {
			return none, err
		}
	}
	return *i, nil
}

// proven checks, when the owner's epoch is known, that the password was not replaced since it was checked: otherwise the new session would
// outlive a reset that was going on.
func (s *Service) proven(ctx context.Context, i directory.Identity) error {
	if i.Provider != api.EmailPassword {
		return nil
	}
	now, err := s.users.Identity(ctx, i.Provider, i.Subject)
	if err != nil {
		return err
	}
	if now == nil || now.ID != i.ID || now.Version != i.Version {
		return api.Errorf(http.StatusUnauthorized, api.CodeInvalidPassword, "unauthorized")
	}
	return nil
}

// rehash keeps the password with today's parameters, unless it was changed meanwhile.
func (s *Service) rehash(ctx context.Context, key, stored string, password Secret) error {
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	_, err = s.passwords.UpdateOne(ctx, bson.D{{Key: "_id", Value: key}, {Key: "hash", Value: stored}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "hash", Value: hash}}}}, store.Change{})
	return err
}

// field reads a required string of a login body.
func field(body bson.Raw, key string) (string, error) {
	if text, ok := body.Lookup(key).StringValueOK(); ok {
		return text, nil
	}
	return "", api.Errorf(http.StatusBadRequest, api.CodeMissingParameter, "'%s' is a required string", key)
}
