package auth

import (
	"context"
	"errors"
	"net/http"

	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/backend/api"
	"dossier/backend/directory"
	"dossier/backend/store"
)

// maxEmail is the longest e-mail address kept, in bytes. Its form is not checked: applications register other names too.
const maxEmail = 1024

// Register keeps an e-mail address and a password. The account itself is made at the first sign-in, or the registration is linked to another.
func (s *Service) Register(ctx context.Context, email string, password Secret) error {
	if err := s.provided(api.EmailPassword); err != nil {
		return err
	}
	if !s.o.Providers[api.EmailPassword].EmailPassword.AutoConfirm {
		return api.Errorf(http.StatusBadRequest, api.CodeBadRequest,
			"local-userpass registers only with autoConfirm: dossier sends no mail and runs no confirmation function")
	}
	_, err := s.register(ctx, email, password)
	return err
}

// Admit registers somebody and makes the account at once, as a first sign-in would; it returns the user id. It is for filling a workspace.
func (s *Service) Admit(ctx context.Context, email string, password Secret) (string, error) {
	i, err := s.register(ctx, email, password)
	if err != nil {
		return "", err
	}
	u, err := s.owner(ctx, i)
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

func (s *Service) register(ctx context.Context, email string, password Secret) (directory.Identity, error) {
	var none directory.Identity
	if email == "" || len(email) > maxEmail {
		return none, api.Errorf(http.StatusBadRequest, api.CodeBadRequest, "email invalid")
	}
	if err := checkPassword(password); err != nil {
		return none, err
	}
	inUse := api.Errorf(http.StatusConflict, api.CodeAccountNameInUse, "name already in use")
	if there, err := s.people.Identity(ctx, api.EmailPassword, email); err != nil {
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
	i := directory.Identity{Provider: api.EmailPassword, Subject: email, ID: id, Data: data}
	if err := s.people.Add(ctx, i); errors.Is(err, directory.ErrTaken) {
		return none, inUse
	} else if err != nil {
		return none, err
	}
	if err := s.setPassword(ctx, i.Key(), hash); err != nil {
		return none, errors.Join(err, s.people.Remove(ctx, i))
	}
	return i, nil
}

func (s *Service) setPassword(ctx context.Context, key, hash string) error {
	_, err := s.passwords.UpdateOne(ctx, bson.D{{Key: "_id", Value: key}},
		bson.D{{Key: "$set", Value: bson.D{{Key: "hash", Value: hash}, {Key: "changed_at", Value: s.o.Now()}}}}, store.Change{Upsert: true})
	return err
}

// password proves an e-mail/password identity. An unknown address costs and answers the same as a wrong password.
func (s *Service) password(ctx context.Context, a Attempt) (directory.Identity, error) {
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
	guess := throttleID(directory.Key(api.EmailPassword, email), a.Address)
	if err := s.throttle.attempt(ctx, guess); err != nil {
		return none, err
	}
	i, err := s.people.Identity(ctx, api.EmailPassword, email)
	if err != nil {
		return none, err
	}
	key := directory.Key(api.EmailPassword, email)
	doc, err := s.passwords.FindOne(ctx, bson.D{{Key: "_id", Value: key}}, store.Find{})
	if err != nil {
		return none, err
	}
	stored := ""
	if i != nil {
		stored, _ = doc.Lookup("hash").StringValueOK()
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
	if stale {
		if err := s.rehash(ctx, key, stored, secret); err != nil {
			return none, err
		}
	}
	return *i, nil
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
