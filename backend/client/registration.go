package client

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"dossier/backend/api"
	"dossier/model"
)

// Confirm confirms an e-mail address by the two parts of the link in its mail.
func (c *Client) Confirm(ctx context.Context, token, tokenID string) error {
	return c.step(ctx, "confirm the address", "confirm", map[string]string{"token": token, "tokenId": tokenID})
}

// SendConfirmation asks for the mail with that link once more.
func (c *Client) SendConfirmation(ctx context.Context, email string) error {
	return c.step(ctx, "send the confirmation", "confirm/send", map[string]string{"email": email})
}

// Reset replaces a password by the two parts of the link in a mail.
func (c *Client) Reset(ctx context.Context, token, tokenID, password string) error {
	return c.step(ctx, "reset the password", "reset", map[string]string{"token": token, "tokenId": tokenID, "password": password})
}

// SendReset asks for the mail with that link.
func (c *Client) SendReset(ctx context.Context, email string) error {
	return c.step(ctx, "send the password reset", "reset/send", map[string]string{"email": email})
}

// step makes one step of an e-mail and password account; nobody is signed in for it.
func (c *Client) step(ctx context.Context, op, step string, fields map[string]string) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return model.AsFault(op, err)
	}
	path := strings.TrimSuffix(api.RegisterPath(c.o.AppID), "register") + step
	if _, err = c.send(ctx, op, request{method: http.MethodPost, path: path, body: body}); err == nil {
		return nil
	}
	f := model.AsFault(op, err)
	switch f.Code {
	case api.CodeUserNotFound:
		f.Kind, f.Message = model.InvalidInput, "the service knows no such e-mail address"
	case api.CodeUserpassTokenInvalid:
		f.Kind, f.Message, f.Advice = model.InvalidInput, "the link is used up or too old", "ask for another mail"
	case api.CodeUserAlreadyConfirmed:
		f.Kind, f.Message, f.Advice = model.InvalidInput, "the address is confirmed already", "sign in"
	case api.CodeBadRequest, api.CodeInvalidParameter:
		f.Kind = model.InvalidInput
	}
	return f
}
