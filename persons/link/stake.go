package link

import (
	"strconv"
	"strings"
)

// Stake is what a record is worth to its person: paid months and an amount in
// fen. What a file does not say is 0.
type Stake struct {
	Months int64
	Fen    int64
}

// stake reads what the export said; text that is no number counts nothing.
func (t *table) stake(record uint32) Stake {
	if t.stakes == nil {
		return Stake{}
	}
	months, _ := strconv.ParseInt(t.stakes[0].at(record), 10, 32)
	return Stake{max(months, 0), max(fenOf(t.stakes[1].at(record)), 0)}
}

// fenOf reads yuan with up to two places.
func fenOf(text string) int64 {
	yuan, cents, _ := strings.Cut(strings.ReplaceAll(text, ",", ""), ".")
	whole, err := strconv.ParseInt(yuan, 10, 48)
	if err != nil {
		return 0
	}
	part, err := strconv.ParseInt((cents + "00")[:2], 10, 16)
	if err != nil {
		return 0
	}
	return whole*100 + part
}

// AtStake is what the person of a pair loses while it is not decided: the months
// and the money of the lesser record.
func (p FoundPair) AtStake() Stake {
	return Stake{min(p.StakeA.Months, p.StakeB.Months), min(p.StakeA.Fen, p.StakeB.Fen)}
}

// Chance is the model's probability that a pair is one person.
func (p FoundPair) Chance() float64 { return probability(p.Weight) }

// What sorts the queue. A month of pension counts as what is usually credited for
// it; a pair never counts as less doubtful than its zone allows, because a person
// decides each. They are choices of this house, not of any statute.
const (
	monthFen       = 400_00
	doubtReview    = 0.25
	doubtAutomatic = 0.02
)

// Doubt is how far a pair is from being sure, 0 to 1: 4p(1−p).
func (p FoundPair) Doubt() float64 {
	chance := p.Chance()
	least := doubtAutomatic
	if p.Decision.Zone == Review {
		least = doubtReview
	}
	return max(4*chance*(1-chance), least)
}

// Value is what deciding a pair is worth: months and money at stake, in fen, times
// the doubt.
func (p FoundPair) Value() int64 {
	stake := p.AtStake()
	return int64(float64(stake.Months*monthFen+stake.Fen) * p.Doubt())
}
