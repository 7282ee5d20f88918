package auth

import "dossier/backend/app"

// Check tells what is wrong with the settings of a provider; nil: somebody can sign in with it.
func Check(p app.Provider) error {
	_, err := (&Service{}).newIssuer(p)
	return err
}
