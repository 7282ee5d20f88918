package model

import "slices"

// PairRenames replaces each removed field that was added under another name, with the same value in the same object, by
// one change at the old name. renamed holds the new paths by the index of the change.
func PairRenames(changes []Change) (left []Change, renamed map[int]Path) {
	newPaths, isPaired := map[int]Path{}, map[int]bool{} // by index in changes
	for i, c := range changes {
		if c.Kind != Removed || c.Item != nil {
			continue
		}
		for j, a := range changes {
			if a.Kind == Added && a.Item == nil && !isPaired[j] && len(a.Path) == len(c.Path) &&
				slices.Equal(a.Path[:len(a.Path)-1], c.Path[:len(c.Path)-1]) && Identical(a.New, c.Old) {
				newPaths[i], isPaired[j] = a.Path, true
				break
			}
		}
	}
	renamed = map[int]Path{}
	for i, c := range changes {
		if isPaired[i] {
			continue
		}
		if to, ok := newPaths[i]; ok {
			renamed[len(left)] = to
		}
		left = append(left, c)
	}
	return left, renamed
}
