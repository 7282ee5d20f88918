package model

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
)

func TestFault(t *testing.T) {
	cause := errors.New("boom")
	f := &Fault{Kind: PermissionDenied, Op: "save age", Message: "no rule allows it", Advice: "ask for a rule",
		Location: "field age", Err: cause}
	if got := f.Error(); got != "save age: field age: no rule allows it; ask for a rule" {
		t.Errorf("Error() = %q", got)
	}
	if !errors.Is(f, cause) {
		t.Error("the fault does not wrap its cause")
	}
	for _, c := range []struct {
		err  error
		kind FaultKind
	}{
		{nil, ""},
		{fmt.Errorf("wrapped: %w", f), PermissionDenied},
		{fmt.Errorf("ping: %w", context.DeadlineExceeded), Unreachable},
		{cause, Failed},
	} {
		if got := FaultKindOf(c.err); got != c.kind {
			t.Errorf("FaultKindOf(%v) = %q, want %q", c.err, got, c.kind)
		}
	}
	if got := AsFault("refresh", cause).Error(); got != "refresh: boom" {
		t.Errorf("AsFault of another error: %q", got)
	}
}

func TestCredentialIsNeverPrinted(t *testing.T) {
	c := Credential{Provider: "local-userpass", Fields: bson.D{{Key: "password", Value: "secret"}}}
	for _, got := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v", c, c), fmt.Sprintf("%#v", c),
		fmt.Sprintf("%s", []Credential{c})} {
		if want := "local-userpass ••••"; got != want && got != want+" "+want && got != "["+want+"]" {
			t.Errorf("printed as %q", got)
		}
	}
}

func TestCustomDataConfigComplete(t *testing.T) {
	full := CustomDataConfig{Enabled: true, Database: "app", Collection: "custom_user_data", UserIDField: "userId"}
	if !full.Complete() {
		t.Error("a full configuration is not complete")
	}
	for _, part := range []CustomDataConfig{{Collection: "c", UserIDField: "f"}, {Database: "d", UserIDField: "f"},
		{Database: "d", Collection: "c"}} {
		if part.Complete() {
			t.Errorf("%+v is complete", part)
		}
	}
}
