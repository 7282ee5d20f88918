package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/model"
)

// Confirm confirms an e-mail address with the token and the token id of the link in the confirmation e-mail.
func (c *Client) Confirm(ctx context.Context, token, tokenID string) error {
	return c.accountStep(ctx, "confirm the address", "confirm", map[string]string{"token": token, "tokenId": tokenID})
}

// SendConfirmation requests another confirmation e-mail.
func (c *Client) SendConfirmation(ctx context.Context, email string) error {
	return c.accountStep(ctx, "send the confirmation", "confirm/send", map[string]string{"email": email})
}

// Reset sets a new password with the token and the token id of the link in the reset e-mail.
func (c *Client) Reset(ctx context.Context, token, tokenID, password string) error {
	return c.accountStep(ctx, "reset the password", "reset", map[string]string{"token": token, "tokenId": tokenID,
		"password": password})
}

// SendReset requests a password reset e-mail.
func (c *Client) SendReset(ctx context.Context, email string) error {
	return c.accountStep(ctx, "send the password reset", "reset/send", map[string]string{"email": email})
}

// accountStep makes one request of the e-mail and password provider. It needs no signed-in user.
func (c *Client) accountStep(ctx context.Context, op, step string, fields map[string]string) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return model.AsFault(op, err)
	}
	path := strings.TrimSuffix(api.RegisterPath(c.options.AppID), "register") + step
	if _, err = c.send(ctx, op, request{method: http.MethodPost, path: path, body: body}); err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	switch f.Code {
	case api.CodeUserNotFound:
		f.Kind, f.Message = model.InvalidInput, "the service has no user with this e-mail address"
	case api.CodeUserpassTokenInvalid:
		f.Kind, f.Message, f.Advice = model.InvalidInput, "the link has expired or was already used", "request another e-mail"
	case api.CodeUserAlreadyConfirmed:
		f.Kind, f.Message, f.Advice = model.InvalidInput, "the address is already confirmed", "sign in"
	case api.CodeBadRequest, api.CodeInvalidParameter:
		f.Kind = model.InvalidInput
	}
	return f
}
