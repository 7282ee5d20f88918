package backend

import (
	"context"

	"dossier/backend/auth"
	"dossier/model"
)

// CreateServerKey makes a key that a server signs in with, as an account of its own; the secret is told this once.
func (s *Service) CreateServerKey(ctx context.Context, name string) (model.APIKey, auth.Secret, error) {
	return s.auth.CreateServerKey(ctx, name)
}

// ServerKeys lists the server keys, the oldest first.
func (s *Service) ServerKeys(ctx context.Context) ([]model.APIKey, error) {
	return s.auth.ServerKeys(ctx)
}

// SetServerKeyDisabled disables or enables a server key; disabling ends its sessions.
func (s *Service) SetServerKeyDisabled(ctx context.Context, id string, disabled bool) error {
	return s.auth.SetServerKeyDisabled(ctx, id, disabled)
}

// DeleteServerKey forgets a server key, its account and its sessions.
func (s *Service) DeleteServerKey(ctx context.Context, id string) error {
	return s.auth.DeleteServerKey(ctx, id)
}
