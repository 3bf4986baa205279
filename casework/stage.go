package casework

import "slices"

// Stage says how far a version of a playbook is trusted. Each stage may do less
// than the next.
type Stage string

// The stages, from the least trusted.
const (
	StageDraft      Stage = "draft"      // being written; takes no run
	StageShadow     Stage = "shadow"     // reads and computes; a person enters, the robot compares
	StageSupervised Stage = "supervised" // a person sees the filled page and frees each commit
	StageLimited    Stage = "limited"    // so many a day unattended, a sample of them supervised
	StageFull       Stage = "full"       // unattended
)

// Stages gives all stages in order.
func Stages() []Stage {
	return []Stage{StageDraft, StageShadow, StageSupervised, StageLimited, StageFull}
}

// Next is the stage after s; the last one stays.
func (s Stage) Next() Stage { return s.step(1) }

// Back is the stage a version is put back to: never below shadow.
func (s Stage) Back() Stage {
	if s.rank() <= StageShadow.rank() {
		return s
	}
	return s.step(-1)
}

// Least gives the less trusted of two stages; a word that is no stage is
// trusted with nothing.
func (s Stage) Least(other Stage) Stage {
	if s.rank() <= other.rank() {
		return s
	}
	return other
}

func (s Stage) rank() int { return slices.Index(Stages(), s) }

func (s Stage) step(by int) Stage {
	all := Stages()
	return all[min(max(s.rank()+by, 0), len(all)-1)]
}
