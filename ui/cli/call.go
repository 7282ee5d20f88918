package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.mongodb.org/mongo-driver/v2/bson"

	"dossier/model"
	"dossier/ui/port"
)

// functionTimeout is how long a called function may take when nobody says otherwise: the service's own limit.
const functionTimeout = 90 * time.Second

func (s *commands) call() *cobra.Command {
	return &cobra.Command{
		Use: "call NAME [ARG…]", Short: "Call a function of the application; arguments are extended JSON",
		Example: "dossier call writeCustomUserData '{\"favoriteFood\":\"pizza\"}'",
		Args:    arguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			var values []bson.RawValue
			for i, arg := range args[1:] {
				v, err := model.ParseJSON(arg)
				if err != nil {
					return model.InvalidInputf(fmt.Sprintf("argument %d", i+1), "%v; a text needs quotes of its own: '\"text\"'", err)
				}
				values = append(values, v)
			}
			if !cmd.Flags().Changed("timeout") {
				s.options.Timeout = functionTimeout
			}
			return s.withPerson(cmd.Context(), func(ctx context.Context, _ *World, p port.User) error {
				ctx, cancel := s.deadline(ctx)
				defer cancel()
				result, err := p.Call(ctx, args[0], values)
				if err != nil {
					return err
				}
				return s.json(value(result))
			})
		},
	}
}
