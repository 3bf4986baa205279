package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/jingban/jingban/persons/link"
)

// EnglishOptions says how a test set of English persons is made and searched. It
// follows the published way of making such sets: originals, and duplicates whose
// fields are mistyped, misheard, swapped or lost.
type EnglishOptions struct {
	Originals  int
	Duplicates int
	PerRecord  int // at most so many duplicates of one original
	Changes    int // at most so many changes in one duplicate
	PerField   int // at most so many in one field
	TwoFiles   bool
	WithoutID  bool // leave out soc_sec_id
	Seed       uint64
}

// EnglishScore is the quality of the pairs that are automatic or for review.
type EnglishScore struct {
	Name       string  `json:"name"`
	Records    int     `json:"records"`
	TruePairs  int     `json:"true_pairs"`
	Candidates int     `json:"candidates"`
	Precision  float64 `json:"precision"`
	Recall     float64 `json:"recall"`
	F1         float64 `json:"f1"`
	AutomaticP float64 `json:"automatic_precision"`
	AutomaticR float64 `json:"automatic_recall"`
	AutomaticF float64 `json:"automatic_f1"`
	Refused    bool    `json:"model_refused"`
	CPUSeconds float64 `json:"cpu_seconds"`
}

// EnglishSets searches sets of the usual sizes and error rates.
func EnglishSets(ctx context.Context, seed uint64) ([]EnglishScore, error) {
	var scores []EnglishScore
	for _, set := range []struct {
		name string
		o    EnglishOptions
	}{
		{"500 + 500, one duplicate each", EnglishOptions{Originals: 500, Duplicates: 500, PerRecord: 1, Changes: 3, PerField: 2}},
		{"4000 + 1000, up to 5 duplicates", EnglishOptions{Originals: 4000, Duplicates: 1000, PerRecord: 5, Changes: 3, PerField: 2}},
		{"2000 + 3000, up to 5 duplicates, up to 10 changes", EnglishOptions{Originals: 2000, Duplicates: 3000, PerRecord: 5, Changes: 10, PerField: 2}},
		{"5000 × 5000, two files", EnglishOptions{Originals: 5000, Duplicates: 5000, PerRecord: 1, Changes: 6, PerField: 2, TwoFiles: true}},
		{"5000 × 5000, two files, without number", EnglishOptions{Originals: 5000, Duplicates: 5000, PerRecord: 1, Changes: 6, PerField: 2, TwoFiles: true, WithoutID: true}},
	} {
		set.o.Seed = seed
		s, err := English(ctx, set.name, set.o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", set.name, err)
		}
		scores = append(scores, s)
	}
	return scores, nil
}

// English searches a test set with a configuration guessed from its header.
func English(ctx context.Context, name string, o EnglishOptions) (EnglishScore, error) {
	set := newEnglish(o)
	header, err := link.Header(link.Input{Name: name, Data: strings.NewReader(set.files[0])})
	if err != nil {
		return EnglishScore{}, err
	}
	config, err := link.Guess(header)
	if err != nil {
		return EnglishScore{}, err
	}
	job := link.Job{Config: config}
	for _, file := range set.files {
		job.Inputs = append(job.Inputs, link.Input{Name: name, Data: strings.NewReader(file)})
	}
	var found *link.Result
	took, err := measure(func() error { found, err = link.Run(ctx, job); return err })
	if err != nil {
		return EnglishScore{}, err
	}
	s := EnglishScore{Name: name, Records: found.Summary.Records, TruePairs: set.truePairs(o.TwoFiles), Candidates: found.Summary.Candidates,
		Refused: found.Model.Refused, CPUSeconds: took.CPUSeconds}
	s.judge(found)
	return s, nil
}

func (s *EnglishScore) judge(found *link.Result) {
	var all, automatic [2]float64 // right, said
	for _, p := range found.Pairs {
		if p.Decision.Zone == link.Veto {
			continue
		}
		right := 0.0
		if person(found.Name(p.A)) == person(found.Name(p.B)) {
			right = 1
		}
		all[0] += right
		all[1]++
		if p.Decision.Zone == link.Automatic {
			automatic[0] += right
			automatic[1]++
		}
	}
	rate := func(c [2]float64) (p, r, f float64) {
		p, r = c[0]/max(c[1], 1), c[0]/float64(max(s.TruePairs, 1))
		return p, r, 2 * p * r / max(p+r, 1e-9)
	}
	s.Precision, s.Recall, s.F1 = rate(all)
	s.AutomaticP, s.AutomaticR, s.AutomaticF = rate(automatic)
}

// person is the part of a record's name that duplicates share.
func person(id string) string {
	parts := strings.SplitN(id, "-", 3)
	return parts[1]
}

// english is a test set while it is made.
type english struct {
	rnd    *rand.Rand
	o      EnglishOptions
	files  []string
	copies []int
}

const (
	fGiven = iota
	fFamily
	fHouse
	fStreet
	fPlace
	fSuburb
	fPostcode
	fState
	fBirth
	fSocial
	englishFields
)

func newEnglish(o EnglishOptions) *english {
	e := &english{rnd: rand.New(rand.NewPCG(o.Seed, 77)), o: o, copies: make([]int, o.Originals)}
	originals := make([][englishFields]string, o.Originals)
	var lines, more []string
	for i := range originals {
		originals[i] = e.original()
		lines = append(lines, e.line(fmt.Sprintf("rec-%d-org", i), originals[i]))
	}
	for left := o.Duplicates; left > 0; {
		i := e.rnd.IntN(o.Originals)
		for range 1 + int(float64(o.PerRecord)*math.Pow(e.rnd.Float64(), 2.5)) {
			if e.copies[i] < o.PerRecord && left > 0 {
				more = append(more, e.line(fmt.Sprintf("rec-%d-dup-%d", i, e.copies[i]), e.spoilt(originals[i])))
				e.copies[i]++
				left--
			}
		}
	}
	if !o.TwoFiles {
		e.files = []string{e.file(append(lines, more...))}
		return e
	}
	e.files = []string{e.file(lines), e.file(more)}
	return e
}

func (e *english) truePairs(twoFiles bool) int {
	n := 0
	for _, copies := range e.copies {
		if twoFiles {
			n += copies
		} else {
			n += copies * (copies + 1) / 2
		}
	}
	return n
}

func (e *english) file(lines []string) string {
	e.rnd.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	var out strings.Builder
	w := bufio.NewWriter(&out)
	head := "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, soc_sec_id"
	if e.o.WithoutID {
		head = strings.TrimSuffix(head, ", soc_sec_id")
	}
	_, _ = io.WriteString(w, head+"\n"+strings.Join(lines, "\n")+"\n") // into memory
	_ = w.Flush()
	return out.String()
}

func (e *english) line(id string, of [englishFields]string) string {
	fields := of[:]
	if e.o.WithoutID {
		fields = of[:fSocial]
	}
	return id + ", " + strings.Join(fields, ", ")
}

// original draws a person; names, places and streets are skewed as in a telephone
// book, and a few fields are empty from the start.
func (e *english) original() [englishFields]string {
	var p [englishFields]string
	p[fGiven], p[fFamily] = e.word(englishGiven, 1.7), e.word(englishFamily, 1.5)
	if e.rnd.Float64() < 0.35 {
		p[fFamily] = e.invented()
	}
	p[fHouse] = strconv.Itoa(1 + int(math.Pow(e.rnd.Float64(), 3)*300))
	p[fStreet] = e.street()
	if e.rnd.Float64() < 0.4 {
		p[fPlace] = e.invented() + " " + e.word("court village park farm gardens", 1)
	}
	place := int(math.Pow(e.rnd.Float64(), 1.6) * 900)
	p[fSuburb] = e.suburb(place)
	p[fPostcode] = strconv.Itoa(2000 + place*7%3000)
	p[fState] = strings.Fields("nsw vic qld wa sa tas act nt")[place%8*place%8]
	p[fBirth] = fmt.Sprintf("19%02d%02d%02d", e.rnd.IntN(100), 1+e.rnd.IntN(12), 1+e.rnd.IntN(28))
	p[fSocial] = strconv.Itoa(1000000 + e.rnd.IntN(8999999))
	for field, share := range map[int]float64{fGiven: 0.02, fHouse: 0.04, fBirth: 0.03, fState: 0.05, fStreet: 0.02} {
		if e.rnd.Float64() < share {
			p[field] = ""
		}
	}
	return p
}

func (e *english) word(from string, power float64) string {
	words := strings.Fields(from)
	return words[int(math.Pow(e.rnd.Float64(), power)*float64(len(words)))]
}

func (e *english) street() string {
	return e.invented() + " " + e.word("street road avenue place crescent court drive close circuit parade", 1.5)
}

// suburb is the same word for the same place.
func (e *english) suburb(place int) string {
	rnd := rand.New(rand.NewPCG(uint64(place), 5))
	return syllables(rnd, 2+rnd.IntN(2)) + strings.Fields("ton ville field wood mere ham ford")[rnd.IntN(7)]
}

func (e *english) invented() string { return syllables(e.rnd, 2+e.rnd.IntN(2)) }

func syllables(rnd *rand.Rand, n int) string {
	var out strings.Builder
	for range n {
		out.WriteString(strings.Fields("b br c ch d f g h j k l m n p r s st t th w")[rnd.IntN(20)])
		out.WriteString(strings.Fields("a e i o u ea oo er an en on ar il")[rnd.IntN(13)])
	}
	return out.String()
}

// spoilt makes one to Changes changes, at most PerField in one field: mostly
// slips, sometimes a field lost, exchanged with another or drawn anew.
func (e *english) spoilt(p [englishFields]string) [englishFields]string {
	var changed [englishFields]int
	for range 1 + e.rnd.IntN(e.o.Changes) {
		field := e.rnd.IntN(englishFields)
		if p[field] == "" || changed[field] >= e.o.PerField {
			continue
		}
		changed[field]++
		switch share := e.rnd.Float64(); {
		case share < 0.70:
			p[field] = e.slip(p[field], field == fHouse || field == fPostcode || field == fBirth || field == fSocial)
		case share < 0.80:
			p[field] = ""
		case share < 0.87:
			p[fGiven], p[fFamily] = p[fFamily], p[fGiven]
		case share < 0.92 && field == fBirth && len(p[field]) == 8:
			p[field] = p[field][:4] + p[field][6:] + p[field][4:6]
		case share < 0.96:
			p[field] = misheard(p[field])
		default:
			p[field] = e.original()[field]
		}
	}
	return p
}

func (e *english) slip(word string, digits bool) string {
	if word == "" {
		return word
	}
	letter := string(rune('a' + e.rnd.IntN(26)))
	if digits {
		letter = string(rune('0' + e.rnd.IntN(10)))
	}
	at := e.rnd.IntN(len(word))
	switch e.rnd.IntN(4) {
	case 0:
		return word[:at] + letter + word[at:]
	case 1:
		return word[:at] + word[at+1:]
	case 2:
		return word[:at] + letter + word[at+1:]
	}
	if at+1 < len(word) {
		return word[:at] + word[at+1:at+2] + word[at:at+1] + word[at+2:]
	}
	return word
}

func misheard(word string) string {
	return strings.NewReplacer("ph", "f", "ch", "k", "th", "t", "ee", "i", "oo", "u", "ck", "k", "c", "k", "s", "z", "er", "a").Replace(word)
}

const englishGiven = "james emily joshua sophie thomas olivia jack chloe william georgia lachlan jessica daniel hannah benjamin isabella samuel sarah matthew ella nicholas charlotte luke grace " +
	"ryan lucy jacob amelia alexander mia liam ruby ethan alyssa joseph zoe harrison caitlin mitchell lauren dylan madison jordan taylor max brianna riley holly connor abbey cooper amy " +
	"finn jasmine noah kayla oliver imogen henry bella archie tahlia edward paige hugo erin felix maddison isaac stephanie oscar rachel marcus nicole adam natasha callum claire patrick alice " +
	"sebastian eliza bailey annabelle lewis phoebe blake jade kyle rebecca jayden mikayla aidan molly angus summer hayden eva toby keira xavier layla george tess nathan victoria jake poppy"

const englishFamily = "smith clarke white jones campbell nguyen ryan webb dixon green wilson reid taylor morrison brown stephens roche mcdonald walker hughes martin thompson rogers kelly miller " +
	"morgan williams anderson harris lee robinson young king wright mitchell scott turner hill moore baker carter phillips evans parker collins edwards stewart morris murphy cook cooper " +
	"richardson cox howard ward peterson gray watson brooks sanders price bennett wood barnes ross henderson coleman jenkins perry powell long patterson washington butler simmons foster bryant " +
	"russell griffin diaz hayes myers ford hamilton graham sullivan wallace west cole owens reynolds fisher ellis harrison gibson cruz marshall gomez murray freeman wells simpson stevens tucker porter"
