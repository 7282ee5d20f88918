package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"dossier/backend/auth"
	"dossier/model"
)

// The operations of a keyRequest.
const (
	createKey  = "create the server key"
	listKeys   = "list the server keys"
	enableKey  = "enable the server key"
	disableKey = "disable the server key"
	deleteKey  = "delete the server key"
)

// keyRequest is an operation on server keys. Another process sends it as JSON over the keys socket.
type keyRequest struct {
	Operation string
	Name      string // to create
	ID        string // to enable, disable or delete
}

// keyResponse is the result of a keyRequest.
type keyResponse struct {
	Keys   []model.APIKey
	Secret string       // of a created key
	Fault  *model.Fault // nil: the operation succeeded
}

// result returns the fault as an error.
func (r keyResponse) result() (keyResponse, error) {
	if r.Fault != nil {
		return keyResponse{}, r.Fault
	}
	return r, nil
}

// run performs the operation.
func (r keyRequest) run(ctx context.Context, service *auth.Service) (response keyResponse) {
	op := strings.TrimSpace(r.Operation + " " + r.Name + r.ID)
	var err error
	switch r.Operation {
	case createKey:
		var key model.APIKey
		var secret auth.Secret
		if key, secret, err = service.CreateServerKey(ctx, r.Name); err == nil {
			response.Keys, response.Secret = []model.APIKey{key}, secret.Reveal()
		}
	case listKeys:
		response.Keys, err = service.ServerKeys(ctx)
	case enableKey, disableKey:
		err = service.SetServerKeyDisabled(ctx, r.ID, r.Operation == disableKey)
	case deleteKey:
		err = service.DeleteServerKey(ctx, r.ID)
	default:
		err = fmt.Errorf("unknown operation %q", r.Operation)
	}
	if err != nil {
		response.Fault = model.AsFault(op, keyFault(op, err))
	}
	return response
}

// keysSocket returns the path of the socket for operations on server keys, beside that of the client API: requests from
// a network are forwarded to the latter only. Files and directory are private to the operating system user.
func keysSocket(socket string) string { return strings.TrimSuffix(socket, ".sock") + "-keys.sock" }

// send sends the request to the process that serves the workspace.
func (r keyRequest) send(ctx context.Context, socket string) (response keyResponse, err error) {
	body, err := json.Marshal(r)
	if err != nil {
		return response, err
	}
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn,
		error) {
		return dialSocket(ctx, keysSocket(socket))
	}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, BaseURL, bytes.NewReader(body))
	if err != nil {
		return response, err
	}
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return response, err
	}
	defer answer.Body.Close()
	return response, json.NewDecoder(answer.Body).Decode(&response)
}

// listenKeys serves the operations on server keys to other processes.
func (h *instance) listenKeys(socket string) error {
	l, done, err := listenSocket(keysSocket(socket))
	if err != nil {
		return err
	}
	closeSocket := h.closeSocket
	h.closeSocket = func() { closeSocket(); done() }
	h.keys = &http.Server{
		ReadTimeout: drainTimeout, ErrorLog: h.server.ErrorLog,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var request keyRequest
			if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			response := request.run(r.Context(), h.service.Auth())
			if response.Fault != nil {
				response.Fault.Err = nil // the cause has no JSON form
			}
			_ = json.NewEncoder(w).Encode(response)
		}),
	}
	h.serve.Go(func() { _ = h.keys.Serve(l) })
	return nil
}
