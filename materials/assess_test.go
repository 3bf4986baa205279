package materials_test

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/materials"
)

func rules(a casework.Assessment) string {
	var out []string
	for _, f := range a.Findings {
		out = append(out, string(f.Severity)+" "+f.Rule+" "+f.Material+"."+f.Field)
	}
	return strings.Join(out, "\n")
}

func TestAClaimInOrderPasses(t *testing.T) {
	a := catalog(t).Assess(claim())
	if a.Verdict != casework.AutoPass || len(a.Findings) != 0 {
		t.Fatalf("verdict %s, findings:\n%s", a.Verdict, rules(a))
	}
	want := map[string]map[string]string{
		"id_card_front": {"name": "张明", "sex": "男", "ethnicity": "汉", "birth": "1985-03-12",
			"address": "山东省海州市示例县样板路1号2单元", "number": "379901198503120017"},
		"id_card_back": {"authority": "海州市公安局示例分局", "valid_from": "2016-03-05", "valid_to": "2036-03-05"},
		"termination_notice": {"name": "张明", "id_number": "379901198503120017", "employer": "海州示例机械有限公司",
			"sex": "男", "contract_start": "2019-03-01", "contract_end": "2026-02-28", "end_date": "2026-02-28", "post": "车工",
			"years": "7年", "reason": "劳动合同期满终止", "issue_date": "2026-03-02"},
		"bank_card": {"bank": "中国农业银行", "number": "6228480000000000018", "holder": "张明"},
		"claim_form": {"name": "张明", "id_number": "379901198503120017", "mobile": "13800000001", "account": "6228480000000000018",
			"bank": "中国农业银行", "employer": "海州示例机械有限公司", "reason": "劳动合同期满", "leave_date": "2026-02-28", "claim_date": "2026-03-06",
			"applicant_signature": "张明"},
	}
	for kind, fields := range want {
		got := map[string]string{}
		for name, f := range a.Documents[kind].Fields {
			got[name] = f.Value
			if f.Box.Empty() || f.Page != 1 || f.Confidence < 0.9 {
				t.Errorf("%s.%s: box %+v, page %d, confidence %.2f", kind, name, f.Box, f.Page, f.Confidence)
			}
		}
		if !reflect.DeepEqual(got, fields) {
			t.Errorf("%s\n got %v\nwant %v", kind, got, fields)
		}
		if a.Documents[kind].Confidence < 0.99 || a.Documents[kind].FileID != "file-"+kind {
			t.Errorf("%s: confidence %.2f, file %s", kind, a.Documents[kind].Confidence, a.Documents[kind].FileID)
		}
	}
	if !strings.HasPrefix(a.Rules, "sha256:") {
		t.Errorf("rules = %q", a.Rules)
	}
}

const (
	pass   = casework.AutoPass
	back   = casework.ReturnForCorrection
	review = casework.ManualReview
)

// defects are claims with one thing wrong, and the one finding each must give.
func defects() map[string]struct {
	spoil   func(*materials.Input)
	verdict casework.Verdict
	want    string
} {
	blurred := func(r casework.Reading) casework.Reading {
		r.Quality = []casework.Quality{{Code: "blurred", Score: 3, Threshold: 20, Retake: true}}
		return r
	}
	type defect = struct {
		spoil   func(*materials.Input)
		verdict casework.Verdict
		want    string
	}
	return map[string]defect{
		"certificate not needed when the reason is shared": {func(in *materials.Input) {
			drop(in, "termination_notice")
			in.Shared["leave_reason"] = "E01"
		}, pass, ""},
		"certificate missing": {func(in *materials.Input) { drop(in, "termination_notice") }, back, "BLOCK material_missing termination_notice."},
		"card back missing":   {func(in *materials.Input) { drop(in, "id_card_back") }, back, "BLOCK material_missing id_card_back."},
		"everything missing": {func(in *materials.Input) { in.Files = nil }, back,
			"BLOCK material_missing id_card_front.\nBLOCK material_missing id_card_back.\nBLOCK material_missing termination_notice.\n" +
				"BLOCK material_missing bank_card.\nBLOCK material_missing claim_form."},
		"certificate blurred":        {func(in *materials.Input) { replace(in, "termination_notice", blurred(certificate())) }, back, "BLOCK picture_blurred termination_notice."},
		"blurred beyond recognition": {func(in *materials.Input) { replace(in, "bank_card", blurred(casework.Reading{Page: 1})) }, back, "BLOCK picture_blurred bank_card."},
		"blurred without a slot": {func(in *materials.Input) {
			drop(in, "bank_card")
			in.Files = append(in.Files, materials.File{ID: "x", FileName: "IMG_1.jpg", Readings: []casework.Reading{blurred(page())}})
		}, back, "BLOCK picture_blurred bank_card."},
		"blurred but replaced": {func(in *materials.Input) {
			in.Files = append([]materials.File{file("id_card_front", blurred(cardFront()))}, in.Files...)
		}, pass, ""},
		"a blurred picture nobody needs": {func(in *materials.Input) {
			in.Shared["leave_reason"] = "E01"
			replace(in, "termination_notice", blurred(certificate()))
		}, review, "WARN picture_blurred termination_notice."},
		"a blurred picture too many": {func(in *materials.Input) {
			in.Files = append(in.Files, materials.File{ID: "x", FileName: "IMG_1.jpg", Readings: []casework.Reading{blurred(page())}})
		}, review, "WARN picture_blurred ."},
		"no text at all": {func(in *materials.Input) { replace(in, "bank_card", page()) }, back, "BLOCK picture_unusable bank_card."},
		"broken file":    {func(in *materials.Input) { in.Files[3].Readings, in.Files[3].Fault = nil, "pdf_encrypted" }, back, "BLOCK picture_unusable bank_card."},
		"check digit wrong everywhere": {func(in *materials.Input) {
			const wrong = "379901198503120010"
			in.Applicant.IDNumber = wrong
			replace(in, "id_card_front", with(cardFront(), "379901198503120017", wrong))
			replace(in, "termination_notice", with(certificate(), "公民身份号码：379901198503120017", "公民身份号码："+wrong))
			replace(in, "claim_form", with(form(), "379901198503120017", wrong))
		}, back, "BLOCK id_checksum id_card_front.number"},
		"check digit wrong on the card only": {func(in *materials.Input) {
			replace(in, "id_card_front", with(cardFront(), "379901198503120017", "379901198503120010"))
		}, back, "BLOCK id_checksum id_card_front.number"},
		"check digit wrong but hardly read": {func(in *materials.Input) {
			wrong := with(cardFront(), "379901198503120017", "379901198503120010")
			replace(in, "id_card_front", unsure(wrong, "379901198503120010", 0.93))
		}, review, "WARN field_unclear id_card_front.number"},
		"a digit lost in reading": {func(in *materials.Input) {
			replace(in, "id_card_front", with(cardFront(), "379901198503120017", "37990119850312001"))
		}, review, "WARN field_unclear id_card_front.number"},
		"number typed too short": {func(in *materials.Input) { in.Applicant.IDNumber = "37990119850312001" }, back, "BLOCK id_length ."},
		"number of somebody else on the certificate": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "公民身份号码：379901198503120017", "公民身份号码："+"37990119650815003X"))
		}, back, "BLOCK id_mismatch termination_notice.id_number"},
		"certificate of another person": {func(in *materials.Input) {
			r := with(certificate(), "姓名：张明", "姓名：李国强")
			replace(in, "termination_notice", with(r, "公民身份号码：379901198503120017", "公民身份号码："+"37990119650815003X"))
		}, back, "BLOCK name_mismatch termination_notice.name"},
		"name differs in one character, though read with certainty": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "姓名：张明", "姓名：张朋"))
		}, review, "WARN field_unclear termination_notice.name"},
		"name differs in one character, doubtful": {func(in *materials.Input) {
			replace(in, "termination_notice", unsure(with(certificate(), "姓名：张明", "姓名：张朋"), "姓名：张朋", 0.93))
		}, review, "WARN field_unclear termination_notice.name"},
		"name hardly read at all": {func(in *materials.Input) {
			replace(in, "termination_notice", unsure(with(certificate(), "姓名：张明", "姓名：李国强"), "姓名：李国强", faint))
		}, review, "WARN field_unclear termination_notice.name"},
		"name read faintly but equal": {func(in *materials.Input) { replace(in, "id_card_front", unsure(cardFront(), "张明", 0.7)) }, pass, ""},
		"two papers of two others": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "姓名：张明", "姓名：李国强"))
			replace(in, "claim_form", with(form(), "张 明", "王小红"))
		}, back, "BLOCK name_mismatch termination_notice.name"},
		"card expired": {func(in *materials.Input) {
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2006.02.05-2026.02.05"))
		}, back, "BLOCK id_expired id_card_back.valid_to"},
		"expiry hardly read": {func(in *materials.Input) {
			r := with(cardBack(), "2016.03.05-2036.03.05", "2006.02.05-2026.02.05")
			replace(in, "id_card_back", unsure(r, "2006.02.05-2026.02.05", 0.8))
		}, review, "WARN id_expired id_card_back.valid_to\nWARN field_unclear id_card_back.valid_from"},
		"card not yet valid": {func(in *materials.Input) {
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2026.04.05-2046.04.05"))
		}, back, "BLOCK id_not_yet_valid id_card_back.valid_from"},
		"a page the machine could not finish": {func(in *materials.Input) {
			in.Files[0].Readings, in.Files[0].Fault = nil, "timeout"
		}, review, "WARN picture_unread id_card_front."},
		"temporary card": {func(in *materials.Input) {
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2026.02.05-2026.05.05"))
		}, pass, ""},
		"odd period": {func(in *materials.Input) {
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2020.03.05-2030.03.05"))
		}, review, "WARN id_period id_card_back.valid_to"},
		"endless at forty": {func(in *materials.Input) {
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2025.03.15-长期"))
		}, review, "WARN id_period id_card_back.valid_to"},
		"birth on the card differs": {func(in *materials.Input) { replace(in, "id_card_front", with(cardFront(), "12", "21")) }, back, "BLOCK id_birth_mismatch id_card_front.birth"},
		"sex on the card differs":   {func(in *materials.Input) { replace(in, "id_card_front", with(cardFront(), "男", "女")) }, back, "BLOCK id_sex_mismatch id_card_front.sex"},
		"card of somebody else": {func(in *materials.Input) {
			r := with(bankCard(), "张明", "王小红")
			replace(in, "bank_card", with(with(r, "6228 4800 0000", "6217 0000 0000"), "0000 018", "0000 020"))
		}, back, "BLOCK not_own_account bank_card.holder"},
		"no holder on the card": {func(in *materials.Input) {
			replace(in, "bank_card", without(without(bankCard(), "持卡人"), "张明"))
		}, review, "WARN holder_not_shown bank_card.holder"},
		"holder in Latin letters":   {func(in *materials.Input) { replace(in, "bank_card", with(bankCard(), "张明", "ZHANG MING")) }, review, "WARN holder_not_shown bank_card.holder"},
		"card number with bad Luhn": {func(in *materials.Input) { replace(in, "bank_card", with(bankCard(), "0000 018", "0000 019")) }, back, "BLOCK account_luhn bank_card.number"},
		"form names another card": {func(in *materials.Input) {
			replace(in, "claim_form", with(form(), "6228480000000000018", "6217000000000000020"))
		}, back, "BLOCK account_mismatch claim_form.account"},
		"certificate ends after the application": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "解除（终止）日期：2026年2月28日", "解除（终止）日期：2026年3月28日"))
		}, back, "BLOCK dates_out_of_order termination_notice.end_date"},
		"form filled in tomorrow": {func(in *materials.Input) {
			replace(in, "claim_form", with(form(), "2026年3月6日", "2026年3月16日"))
		}, back, "BLOCK dates_out_of_order claim_form.claim_date"},
		"leaving days differ": {func(in *materials.Input) {
			replace(in, "claim_form", with(form(), "2026年2月28日", "2026年1月31日"))
		}, review, "WARN leave_date_mismatch claim_form.leave_date"},
		"another employer on the form": {func(in *materials.Input) {
			replace(in, "claim_form", with(form(), "海州示例机械有限公司", "海州示例纺织厂"))
		}, review, "WARN employer_mismatch claim_form.employer"},
		"no seal": {func(in *materials.Input) {
			r := certificate()
			r.Seals = nil
			replace(in, "termination_notice", r)
		}, review, "WARN seal_missing termination_notice."},
		"a blue seal": {func(in *materials.Input) {
			r := certificate()
			r.Seals = []casework.Seal{{Colour: "blue", Shape: "round"}}
			replace(in, "termination_notice", r)
		}, review, "WARN seal_missing termination_notice."},
		"reasons differ": {func(in *materials.Input) { in.Shared["leave_reason"] = "V01" }, review, "WARN reason_conflict termination_notice.reason"},
		"own resignation": {func(in *materials.Input) {
			in.Shared["leave_reason"] = "V01"
			replace(in, "termination_notice", with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因：本人辞职"))
			replace(in, "claim_form", with(form(), "劳动合同期满", "个人原因"))
		}, casework.ProposeReject, "WARN reason_voluntary termination_notice.reason"},
		"employer's fault": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因：单位拖欠工资"))
			replace(in, "claim_form", with(form(), "劳动合同期满", "拖欠工资"))
		}, review, "WARN reason_unclear termination_notice.reason"},
		"reason nobody knows": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因：其他"))
			replace(in, "claim_form", with(form(), "劳动合同期满", "其他"))
		}, review, "WARN reason_unclear termination_notice.reason"},
		"certificate without a reason is valid here": {func(in *materials.Input) {
			replace(in, "termination_notice", without(certificate(), "解除（终止）原因：劳动合同期满终止"))
		}, pass, ""},
		"in Guangdong the reason is demanded": {func(in *materials.Input) {
			in.Region = "440100"
			replace(in, "termination_notice", with(certificate(), "解除（终止）原因：劳动合同期满终止", "解除（终止）原因："))
		}, back, "BLOCK field_missing termination_notice.reason"},
		"post left blank": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "工作岗位：车工", "工作岗位："))
		}, back, "BLOCK field_missing termination_notice.post"},
		"two fields left blank": {func(in *materials.Input) {
			r := with(certificate(), "工作岗位：车工", "工作岗位：")
			replace(in, "termination_notice", with(r, "本单位工作年限：7年", "本单位工作年限："))
		}, back, "BLOCK field_missing termination_notice."},
		"a label nobody found": {func(in *materials.Input) {
			replace(in, "termination_notice", without(certificate(), "工作岗位：车工"))
		}, review, "WARN field_missing termination_notice.post"},
		"authority not read from a card": {func(in *materials.Input) {
			replace(in, "id_card_back", without(cardBack(), "海州市公安局示例分局"))
		}, review, "WARN field_missing id_card_back.authority"},
		"a date of two digits": {func(in *materials.Input) {
			replace(in, "termination_notice", with(certificate(), "出具日期：2026年3月2日", "出具日期：26年3月2日"))
		}, review, "WARN field_unclear termination_notice.issue_date"},
		"mobile not valid": {func(in *materials.Input) { replace(in, "claim_form", with(form(), "13800000001", "1380000000")) }, review, "WARN mobile_invalid claim_form.mobile"},
		"sides swapped": {func(in *materials.Input) {
			in.Files[0].Readings, in.Files[1].Readings = in.Files[1].Readings, in.Files[0].Readings
		}, pass, "INFO wrong_slot id_card_front.\nINFO wrong_slot id_card_back."},
		"front twice": {func(in *materials.Input) { replace(in, "id_card_back", cardFront()) }, back, "BLOCK wrong_slot id_card_back."},
		"both sides on one page": {func(in *materials.Input) {
			r := cardFront()
			for _, l := range cardBack().Lines {
				for i := range l.Quad {
					l.Quad[i].Y += 600
				}
				r.Lines = append(r.Lines, l)
			}
			replace(in, "id_card_front", r)
			drop(in, "id_card_back")
		}, pass, ""},
		"something else in a slot": {func(in *materials.Input) {
			replace(in, "bank_card", page(at{10, 10, "今日菜单"}, at{10, 50, "红烧肉"}))
		}, review, "WARN material_unknown bank_card."},
		"one PDF with every page and no slot": {func(in *materials.Input) {
			in.Files = []materials.File{{ID: "all", FileName: "all.pdf", Readings: []casework.Reading{cardFront(), cardBack(), certificate(), bankCard(), form()}}}
		}, pass, ""},
		"two things wrong": {func(in *materials.Input) {
			drop(in, "bank_card")
			replace(in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2006.02.05-2026.02.05"))
		}, back, "BLOCK material_missing bank_card.\nBLOCK id_expired id_card_back.valid_to"},
		"unknown matter":           {func(in *materials.Input) { in.Matter = "lottery" }, review, "WARN matter_unknown ."},
		"nothing known of a claim": {func(in *materials.Input) { in.Applicant = casework.Person{} }, pass, ""},
		"ID of another valid person typed": {func(in *materials.Input) { in.Applicant.IDNumber = "37990119650815003X" }, back,
			"BLOCK id_mismatch id_card_front.number"},
	}
}

func TestEachDefectIsReportedOnceAndNothingElse(t *testing.T) {
	c := catalog(t)
	for name, defect := range defects() {
		t.Run(name, func(t *testing.T) {
			in := claim()
			defect.spoil(&in)
			a := c.Assess(in)
			if got := rules(a); got != defect.want || a.Verdict != defect.verdict {
				t.Errorf("verdict %s, findings:\n%s\nwant %s:\n%s", a.Verdict, got, defect.verdict, defect.want)
			}
		})
	}
}

func TestEveryFindingIsACompleteSentenceWithLawAndFix(t *testing.T) {
	c := catalog(t)
	for name, defect := range defects() {
		in := claim()
		defect.spoil(&in)
		for _, f := range c.Assess(in).Findings {
			for _, text := range []string{f.Zh, f.En, f.Basis, f.Fix} {
				if text == "" || strings.ContainsAny(text, "{}") {
					t.Errorf("%s: %s is incomplete: %+v", name, f.Rule, f)
				}
			}
			if !strings.HasSuffix(f.Zh, "。") || !strings.HasSuffix(f.En, ".") || !strings.HasSuffix(f.Fix, "。") {
				t.Errorf("%s: %s does not end like a sentence: %s / %s / %s", name, f.Rule, f.Zh, f.En, f.Fix)
			}
			if all := f.Zh + f.En + f.Found + f.Expected; strings.Contains(all, "379901198503120017") || strings.Contains(all, "6228480000000000018") {
				t.Errorf("%s: %s shows a full number: %s", name, f.Rule, f.Zh)
			}
		}
	}
}

var update = flag.Bool("update", false, "write the golden files anew")

// badClaim has one paper missing, one of somebody else and one that is too old.
func badClaim() materials.Input {
	in := claim()
	drop(&in, "bank_card")
	replace(&in, "termination_notice", with(certificate(), "姓名：张明", "姓名：李国强"))
	replace(&in, "id_card_back", with(cardBack(), "2016.03.05-2036.03.05", "2006.02.05-2026.02.05"))
	return in
}

// worstClaim has something of every sort wrong on every paper; one is missing and
// one cannot be read.
func worstClaim() materials.Input {
	in := claim()
	replace(&in, "id_card_front", with(with(cardFront(), "12", "21"), "男", "女"))
	blurred := cardBack()
	blurred.Quality = []casework.Quality{{Code: "blurred", Score: 3, Threshold: 20, Retake: true}}
	replace(&in, "id_card_back", blurred)
	notice := with(certificate(), "姓名：张明", "姓名：李国强")
	notice = with(notice, "公民身份号码：379901198503120017", "公民身份号码：37990119650815003X")
	notice = with(notice, "解除（终止）日期：2026年2月28日", "解除（终止）日期：2026年3月28日")
	notice = with(notice, "工作岗位：车工", "工作岗位：")
	notice = with(notice, "本单位工作年限：7年", "本单位工作年限：")
	notice.Seals = nil
	replace(&in, "termination_notice", notice)
	card := with(with(bankCard(), "张明", "王小红"), "0000 018", "0000 019")
	replace(&in, "bank_card", card)
	drop(&in, "claim_form")
	return in
}

func TestAssessmentsMatchTheirGolden(t *testing.T) {
	for name, in := range map[string]materials.Input{"assessment": badClaim(), "worst": worstClaim()} {
		a := catalog(t).Assess(in)
		a.Rules = "" // changes with every word of the catalogue
		got, err := json.MarshalIndent(a, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden := "testdata/" + name + ".golden"
		if *update {
			if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if string(got)+"\n" != string(want) {
			t.Errorf("the assessment %s changed; look at it and run with -update\n%s", name, got)
		}
	}
}

func TestTheWorstClaimNamesEverythingOnce(t *testing.T) {
	want := strings.Join([]string{
		"BLOCK picture_blurred id_card_back.",
		"BLOCK material_missing claim_form.",
		"BLOCK id_birth_mismatch id_card_front.birth",
		"BLOCK id_sex_mismatch id_card_front.sex",
		"BLOCK field_missing termination_notice.", // both empty fields
		"WARN seal_missing termination_notice.",   // for a person: a picture may hide a seal
		"BLOCK dates_out_of_order termination_notice.end_date",
		"BLOCK account_luhn bank_card.number",
		"BLOCK name_mismatch termination_notice.name", // another person's, so not for the number once more
		"BLOCK not_own_account bank_card.holder",
	}, "\n")
	if got := rules(catalog(t).Assess(worstClaim())); got != want {
		t.Errorf("findings:\n%s\nwant\n%s", got, want)
	}
}

func BenchmarkAssess(b *testing.B) {
	c := catalog(b)
	in := claim()
	for b.Loop() {
		c.Assess(in)
	}
}
