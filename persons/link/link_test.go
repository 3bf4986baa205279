package link

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

const insuredHeader = "个人编号,姓名,性别,出生日期,证件号码,手机号,银行账号,单位编号\n"

// crowd is background: people who have nothing to do with anybody.
func crowd() string {
	var out strings.Builder
	for i := range 60 {
		fmt.Fprintf(&out, "%d,%c%c,男,19%02d-0%d-1%d,3799%02d19%02d0%d1%d%03d0,1420000%04d,62284800%04d,%04d\n", 9000+i,
			'一'+rune(i*97), '丁'+rune(i*31), 40+i%50, 1+i%9, i%10, i, 40+i%50, 1+i%9, i%10, i, 7000+i, 5000+i, i)
	}
	return out.String()
}

func searchText(t *testing.T, c Config, texts ...string) *Result {
	t.Helper()
	job := Job{Config: c}
	for i, text := range texts {
		job.Inputs = append(job.Inputs, Input{fmt.Sprintf("file%d.csv", i+1), strings.NewReader(text)})
	}
	r, err := Run(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func insured(t *testing.T) Config {
	t.Helper()
	c, err := Insured()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestLevelsOfTheInsured puts each line beside the first and asks the table.
func TestLevelsOfTheInsured(t *testing.T) {
	const first = "1,张国伟,男,1985-03-12,379901198503120017,14200000001,6228480000000000018,0001\n"
	for name, c := range map[string]struct {
		line string
		want Decision
	}{
		"equal":                       {"2,张 国伟,男,1985-03-12,379901198503120017,,,0002", Decision{Automatic, "L1", "same_number_same_name"}},
		"old number":                  {"2,张国伟,男,1985-03-12,379901850312001,,,0002", Decision{Automatic, "L2", "old_number_same_name"}},
		"equal, other birth date":     {"2,张国伟,男,1985-03-13,379901198503120017,,,0002", Decision{Review, "L1", "same_number_contradiction"}},
		"old number, other sex":       {"2,张国伟,女,1985-03-12,379901850312001,,,0002", Decision{Review, "L2", "old_number_contradiction"}},
		"traditional":                 {"2,張國偉,男,1985-03-12,379901198503120017,,,0002", Decision{Automatic, "L3", "same_number_name_variant"}},
		"homophone alone":             {"2,张国玮,男,1985-03-12,379901198503120017,,,0002", Decision{Review, "L3", "same_number_name_alike"}},
		"homophone, same account":     {"2,张国玮,男,1985-03-12,379901198503120017,,6228480000000000018,0002", Decision{Automatic, "L3", "same_number_name_sound_account"}},
		"lost character":              {"2,张国?,男,1985-03-12,379901198503120017,14200000001,6228480000000000018,0002", Decision{Review, "L3", "same_number_name_alike"}},
		"two persons on one number":   {"2,李红,男,1985-03-12,379901198503120017,,,0002", Decision{Veto, "L4", "one_number_two_names"}},
		"former name":                 {"2,李红,男,1985-03-12,379901198503120017,,6228480000000000018,0002", Decision{Review, "L4", "one_number_former_name"}},
		"slip and the same account":   {"2,张国伟,男,1985-03-12,379901198503120117,,6228480000000000018,0002", Decision{Automatic, "L5", "slip_same_person_account"}},
		"slip and nothing else":       {"2,张国伟,男,1985-03-12,379901198503120117,,,0002", Decision{Review, "L5", "slip_same_name"}},
		"twin":                        {"2,张国强,男,1985-03-12,379901198503120033,14200000001,,0002", Decision{Veto, "L5", "twins"}},
		"issued anew, account":        {"2,张国伟,男,1985-03-12,379901198503120033,,6228480000000000018,0002", Decision{Review, "L5", "reissued_account"}},
		"same name and birthday only": {"2,张国伟,男,1985-03-12,379901198503120033,,,0002", Decision{Veto, "L0", "name_and_birth_only"}},
		"passport and mobile":         {"2,张国伟,男,1985-03-12,E12345678,14200000001,,0002", Decision{Review, "L5", "no_number_mobile"}},
	} {
		r := searchText(t, insured(t), insuredHeader+first+c.line+"\n"+crowd())
		if got := r.Why(0, 1); got.Decision != c.want {
			fields, _, _ := r.Explain(got)
			t.Errorf("%s: %+v; want %+v (%+v)", name, got.Decision, c.want, fields)
		}
		found := slices.ContainsFunc(r.Pairs, func(p Pair) bool { return p.A == 0 && p.B == 1 && p.Decision == c.want })
		if !found {
			t.Errorf("%s: the pair is not listed", name)
		}
	}
}

func TestFatherAndSonWithOneNameAndAccountAreNeverProposed(t *testing.T) {
	r := searchText(t, insured(t), insuredHeader+
		"1,张国伟,男,1955-03-12,379901195503120013,14200000001,6228480000000000018,0001\n"+
		"2,张国伟,男,1985-08-15,379901198508150012,14200000001,6228480000000000018,0001\n"+crowd())
	for _, p := range r.Pairs {
		if p.Decision.Zone != Veto {
			t.Errorf("proposed: %+v", p.Decision)
		}
	}
}

// TestClustersNeverChainThroughAVeto: the middle record is a slip away from both
// ends, the ends are two proven numbers of two birthdays.
func TestClustersNeverChainThroughAVeto(t *testing.T) {
	r := searchText(t, insured(t), insuredHeader+
		"1,张国伟,男,1985-03-12,379901198503120017,14200000001,6228480000000000018,0001\n"+
		"2,张国伟,男,1985-03-12,379901198503120013,14200000001,6228480000000000018,0001\n"+
		"3,张国伟,男,1985-03-12,379901198503120033,14200000009,6228480000000000091,0003\n"+crowd())
	if d := r.Why(0, 2).Decision; d.Zone != Veto {
		t.Fatalf("the ends: %+v", d)
	}
	if d := r.Why(1, 2).Decision; d.Zone != Review {
		t.Fatalf("middle and last: %+v", d)
	}
	if len(r.Clusters) != 1 || !slices.Equal(r.Clusters[0].Records, []uint32{0, 1}) || r.Clusters[0].Zone != Automatic {
		t.Errorf("clusters %+v", r.Clusters)
	}
}

func TestSharedMobilesOfManyNamesSayNothing(t *testing.T) {
	text := insuredHeader + "1,张国伟,男,1985-03-12,379901198503120017,14200000001,,0001\n2,张国伟,男,1985-03-12,379901198503120033,14200000001,,0002\n"
	if d := searchText(t, insured(t), text+crowd()).Why(0, 1).Decision; d.Rule != "reissued_mobile" {
		t.Errorf("a mobile of one's own: %+v", d)
	}
	for i, name := range []string{"王一", "王二", "王三", "王四", "王五"} {
		text += fmt.Sprintf("%d,%s,男,1970-01-0%d,,14200000001,,\n", 10+i, name, i+1)
	}
	if d := searchText(t, insured(t), text+crowd()).Why(0, 1).Decision; d.Rule != "name_and_birth_only" {
		t.Errorf("a mobile of six persons: %+v", d)
	}
}

func evidence(t *testing.T, r *Result) [][]string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WriteEvidence(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestEveryDecisionCanBeReplayed from the evidence file alone, and its weights add up.
func TestEveryDecisionCanBeReplayed(t *testing.T) {
	c := insured(t)
	r := searchText(t, c, insuredHeader+
		"1,张国伟,男,1985-03-12,379901198503120017,14200000001,6228480000000000018,0001\n"+
		"2,张国伟,男,1985-03-12,379901198503120117,14200000001,,0001\n"+
		"3,李红,男,1985-03-12,379901198503120017,,,0002\n"+crowd())
	rows := evidence(t, r)
	if len(rows) != len(r.Pairs)+1 || len(r.Pairs) < 2 {
		t.Fatalf("%d lines for %d pairs", len(rows), len(r.Pairs))
	}
	for i, p := range r.Pairs {
		row := rows[i+1]
		levels, sum := map[string]string{}, number(t, row[2])+number(t, row[3])
		for k := 4; k < len(row); k += 2 {
			levels[rows[0][k]] = row[k]
			sum += number(t, row[k+1])
		}
		if d := sum - p.Weight; d > 0.01 || d < -0.01 {
			t.Errorf("weights add up to %.3f, not %.3f", sum, p.Weight)
		}
		if got, err := Replay(c, levels, p.Weight); err != nil || got != p.Decision {
			t.Errorf("replayed as %+v, %v; was %+v", got, err, p.Decision)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func written(t *testing.T, r *Result) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WritePairs(&out); err != nil {
		t.Fatal(err)
	}
	if err := r.WriteClusters(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestEncodingSeparatorAndModelDoNotChangeTheResult(t *testing.T) {
	text := insuredHeader + "1,张国伟,男,1985-03-12,379901198503120017,14200000001,6228480000000000018,0001\n2,張國偉,男,1985-03-12,379901850312001,14200000001,,0001\n" + crowd()
	first := searchText(t, insured(t), text)
	want := written(t, first)
	if !strings.HasPrefix(want, "a,b,zone,level,weight,rule\n1,2,automatic,L3,") || !strings.Contains(want, "cluster,record,zone\n1,1,automatic\n1,2,automatic\n") {
		t.Fatalf("written:\n%s", want)
	}
	gb, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]string{"GB18030": gb, "mark": "\ufeff" + text, "tab": strings.ReplaceAll(text, ",", "\t"), "semicolon": strings.ReplaceAll(text, ",", ";")} {
		if got := written(t, searchText(t, insured(t), other)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
	var kept bytes.Buffer
	if err := first.WriteModel(&kept); err != nil {
		t.Fatal(err)
	}
	model, err := ReadModel(kept.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	again, err := Run(t.Context(), Job{Inputs: []Input{{"again.csv", strings.NewReader(text)}}, Config: insured(t), Model: model})
	if err != nil || written(t, again) != want {
		t.Errorf("with the kept model: %v", err)
	}
}

func TestTwoFilesGivePairsAcrossOnly(t *testing.T) {
	one := insuredHeader + "A1,张国伟,男,1985-03-12,379901198503120017,,,0001\nA2,张国伟,男,1985-03-12,379901198503120017,,,0001\n" + crowd()
	two := insuredHeader + "B1,张国伟,男,1985-03-12,379901198503120017,,,0001\nB2,李红,女,1990-01-01,379901199001010026,,,0009\n"
	r := searchText(t, insured(t), one, two)
	for _, p := range r.Pairs {
		if !strings.HasPrefix(r.Name(p.B), "B") || strings.HasPrefix(r.Name(p.A), "B") {
			t.Errorf("pair %s and %s", r.Name(p.A), r.Name(p.B))
		}
	}
	if len(r.Pairs) != 2 {
		t.Errorf("%d pairs; want A1 and A2 with B1", len(r.Pairs))
	}
}

func TestReportExplainsPairsAndHoldsNoScript(t *testing.T) {
	r := searchText(t, insured(t), insuredHeader+"1,<script>张,男,1985-03-12,379901198503120017,,,0001\n2,<script>张,男,1985-03-12,379901850312001,,,0001\n"+crowd())
	var out bytes.Buffer
	if err := r.WriteHTML(&out); err != nil {
		t.Fatal(err)
	}
	page := out.String()
	for _, want := range []string{"old_number_same_name", "upgraded", "<svg", "&lt;script&gt;张"} {
		if !strings.Contains(page, want) {
			t.Errorf("the report lacks %s", want)
		}
	}
	if strings.Contains(page, "<script>") {
		t.Error("a name became part of the page")
	}
}
