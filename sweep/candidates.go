package sweep

// Models are those of the catalogue that the trainer takes.
func (t TrainerInfo) Models() []Model {
	var all []Model
	for _, m := range Models() {
		if t.takesModel(m) == nil {
			all = append(all, m)
		}
	}
	return all
}
