package playbooks_test

import (
	"slices"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
	"github.com/jingban/jingban/playbooks/pagetest"
)

func TestWhatShowsACommitBelongsToTheArchive(t *testing.T) {
	b, _ := confirmed(t, pagetest.Switches{})
	pagetest.Submitted(t, b, "run")
	for _, shot := range b.Book.Shots("run") {
		if shot.Keep() != casework.KeepArchive {
			t.Errorf("%s is kept as %q", shot.Name, shot.Keep())
		}
	}
}

func TestNoEvidenceStandsBetweenIntentAndClick(t *testing.T) {
	b, _ := confirmed(t, pagetest.Switches{})
	var at []int
	b.At = func(seam string) {
		if seam == "after_intent" || seam == "before_sent" || seam == "after_sent" || seam == "after_reply" {
			at = append(at, len(b.Book.Shots("run")))
		}
	}
	pagetest.Submitted(t, b, "run")
	if len(at) != 4 || slices.Max(at) != slices.Min(at) {
		t.Errorf("shots at the four seams from intent to reply: %v", at)
	}
}

func TestPageThatStopsARunIsPhotographed(t *testing.T) {
	b, legacy := confirmed(t, pagetest.Switches{Broken: map[string]error{"开户银行": casework.AskPerson("element_covered", "it is covered")}})
	parked(t, b, "run", "element_covered")
	posted(t, legacy, 0)
	if got := b.Book.Evidence("run"); !slices.Contains(got, "stopped.png") || slices.Contains(got, "before_commit.png") {
		t.Errorf("evidence %v, want the page as it stood when it stopped", got)
	}
}

func TestPassingFaultLeavesNoPicture(t *testing.T) {
	b, _ := confirmed(t, pagetest.Switches{Broken: map[string]error{"开户银行": casework.Retry("page_down", "it is slow")}})
	waits(t, b, "run", "page_down")
	if got := b.Book.Evidence("run"); slices.Contains(got, "stopped.png") {
		t.Errorf("evidence %v: a page that is gone was waited for again", got)
	}
}

func TestStepThatOnlyLooksShowsWhatItSearchedForAndFound(t *testing.T) {
	const text = `playbook: looking
title: {zh: 查询, en: Look}
key: case.id_number
steps:
  - id: look
    page: benefits
    do:
      - open: 失业待遇 / 申领查询
      - fill: {证件号码: case.id_number}
      - click: {button: 查询}
      - read: {rows: {table: 申领记录}}
    end: looked
`
	pb, problems := playbooks.Parse("looking.yaml", []byte(text))
	if problems.Broken() {
		t.Fatal(problems)
	}
	b := pagetest.NewBench(t, &pagetest.Legacy{})
	b.Playbook = pb
	if result, err, _ := b.Turn(t, "run"); err != nil || result.End != "looked" {
		t.Fatalf("have %+v, %v", result, err)
	}
	want := []string{"filled.png", "values.json", "looked.png"}
	if got := b.Book.Evidence("run"); !slices.Equal(got, want) {
		t.Errorf("evidence %v, want %v", got, want)
	}
	for _, shot := range b.Book.Shots("run") {
		if shot.Keep() != casework.KeepPage {
			t.Errorf("%s is kept as %q", shot.Name, shot.Keep())
		}
	}
}
