package auth

import "dossier/backend/app"

// CheckProvider tells what is wrong with the settings of a provider; nil: somebody can sign in with it.
func CheckProvider(p app.Provider) error {
	_, err := (&Service{}).newIssuer(p)
	return err
}
