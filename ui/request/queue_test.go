package request_test

import (
	"errors"
	"slices"
	"testing"

	"dossier/ui/request"
)

func TestAQueueKeepsTheOrder(t *testing.T) {
	var q request.Queue
	var ran []int
	failed := errors.New("full")
	add := func(n int, err error) func() error {
		return q.Add(func() error {
			ran = append(ran, n)
			return err
		})
	}
	first, second, third := add(1, nil), add(2, failed), add(3, nil)
	if err := second(); !errors.Is(err, failed) || !slices.Equal(ran, []int{1, 2}) {
		t.Errorf("ran %v: %v", ran, err)
	}
	if err := errors.Join(third(), first()); err != nil || !slices.Equal(ran, []int{1, 2, 3}) {
		t.Errorf("ran %v: %v", ran, err)
	}
}
