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

// functionTimeout is the default timeout of a function call: the service's own limit.
const functionTimeout = 90 * time.Second

func (s *commands) call() *cobra.Command {
	return &cobra.Command{
		Use: "call NAME [ARG…]", Short: "Call a function of the application with arguments in extended JSON",
		Example: "dossier call writeCustomUserData '{\"favoriteFood\":\"pizza\"}'",
		Args:    checkArguments,
		RunE: func(cmd *cobra.Command, args []string) error {
			var values []bson.RawValue
			for i, arg := range args[1:] {
				v, err := model.ParseJSON(arg)
				if err != nil {
					return model.InvalidInputf(fmt.Sprintf("argument %d", i+1), "%v; quote strings as JSON: '\"text\"'", err)
				}
				values = append(values, v)
			}
			if !cmd.Flags().Changed("timeout") {
				s.options.Timeout = functionTimeout
			}
			return s.withCurrentUser(cmd.Context(), func(ctx context.Context, _ *Connection, user port.User) error {
				ctx, cancel := s.deadline(ctx)
				defer cancel()
				result, err := user.Call(ctx, args[0], values)
				if err != nil {
					return err
				}
				if !s.options.JSON {
					fmt.Fprintf(s.Err, "dossier: called %s as %s\n", model.Show(args[0]), describeUser(user))
				}
				return s.printJSON(jsonValue(result))
			})
		},
	}
}
