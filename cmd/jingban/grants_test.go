package main

import (
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/fixtures/legacy/benefits"
	"github.com/jingban/jingban/materials"
)

// grantOf assesses the card, and for the lump sum the new contract, of a person whose
// region has these grants.
func (o *office) grantOf(matter, ends string, received casework.Date) casework.Snapshot {
	in := materials.Input{Matter: matter, Region: "440106", Month: casework.MonthOf(received), Received: received,
		Applicant: casework.Person{Name: "张明", IDNumber: zhangMing}, Shared: map[string]string{},
		Files: []materials.File{read("id_card_front", "姓名 张明", "性别 男 民族 汉", "出生 1985年3月12日", "住址 山东省海州市示例县样板路1号2单元", "公民身份号码 "+zhangMing)}}
	if matter == "unemployment_lump_sum" {
		contract := read("labour_contract", "劳动合同书", "甲方（用人单位） 海州示例机械有限公司", "乙方（劳动者） 张明", "公民身份号码 "+zhangMing, "合同期限 自2026年5月20日起至"+ends+"止",
			"工作岗位 车工", "劳动报酬 6000.00元", "乙方签字 张明", "签订日期 2026年5月20日", "甲方（盖章）")
		contract.Readings[0].Seals = []casework.Seal{{Box: casework.Box{X: 600, Y: 850, W: 160, H: 160}, Colour: "red", Shape: "round", Text: "海州示例机械有限公司", Confidence: 0.99}}
		in.Files = append(in.Files, contract)
	}
	return casework.Snapshot{Number: "YW-20260910-0001", Matter: in.Matter, Region: in.Region, Applicant: in.Applicant, Month: in.Month, Received: received, Shared: in.Shared, Assessment: o.catalog.Assess(in)}
}

// grantBooks writes an award of eight months, of which three were drawn.
func grantBooks(t *testing.T, system *benefits.System, status string) {
	t.Helper()
	number, err := system.AddAward(t.Context(), benefits.Award{IDNumber: zhangMing, Name: "张明", Registered: "2026-02-20", First: "202603", Last: "202610", Months: 8, Monthly: 212400, Status: benefits.AwardRunning})
	if err != nil {
		t.Fatal(err)
	}
	if err := system.SetAward(t.Context(), number, benefits.AwardRunning, 3); err != nil {
		t.Fatal(err)
	}
	if status == benefits.AwardStopped {
		if err := system.StopAward(t.Context(), number, "202606"); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhoFindsWorkTakesHalfOfTheRestAtOnce(t *testing.T) {
	o, system := benefitsOffice(t)
	o.now = time.Date(2026, 9, 10, 9, 30, 0, 0, casework.China)
	grantBooks(t, system, benefits.AwardStopped)
	insured(t, system, "失业保险", zhangMing, monthsFrom(202606, 2)...)
	day := casework.Date{Year: 2026, Month: 9, Day: 10}
	snapshot := o.grantOf("unemployment_lump_sum", "2027年5月19日", day)
	if snapshot.Assessment.Verdict != casework.AutoPass {
		t.Fatalf("verdict %s: %+v", snapshot.Assessment.Verdict, snapshot.Assessment.Findings)
	}
	result, err := o.run("unemployment_lump_sum", snapshot, map[string]string{"refuse": "refuse"})
	if err != nil || result.End != "refused" || o.told["decision"]["ground"] != "INSURED_SHORT" {
		t.Fatalf("two months paid: %+v, %v, %v", result, err, o.told["decision"])
	}
	holds(t, "the refusal", o.paper("refusal_notice.html"), "不予支付一次性待遇", "缴费2个月")

	insured(t, system, "失业保险", zhangMing, 202608)
	result, err = o.run("unemployment_lump_sum", snapshot, nil)
	if err != nil || result.End != "submitted" || o.told["decision"]["outcome"] != "AUTO_PASS" {
		t.Fatalf("%+v %+v, %v, decided %v, %v", result, result.Review, err, o.told["decision"], o.told["award"])
	}
	grants, err := system.Grants(t.Context())
	if err != nil || len(grants) != 1 || grants[0].Kind != benefits.GrantLump || grants[0].Months != 3 || grants[0].Amount != 637200 {
		t.Fatalf("grants %+v, %v", grants, err)
	}
	holds(t, "the notice", o.paper("grant_notice.html"), "就业后一次性领取失业保险金", "3个月", "6372.00元（陆仟叁佰柒拾贰元整）", "2个月，以后再次失业时合并计算")
	keepPaper(t, o)

	if result, err = o.run("unemployment_lump_sum", snapshot, nil); err != nil || result.End != "submitted" {
		t.Fatalf("again: %+v, %v", result, err)
	}
	if grants, err = system.Grants(t.Context()); err != nil || len(grants) != 1 {
		t.Errorf("entered twice: %+v, %v", grants, err)
	}
	short := o.grantOf("unemployment_lump_sum", "2026年12月31日", day)
	if result, err = o.run("unemployment_lump_sum", short, nil); err != nil || result.Step != "refuse" || o.told["decision"]["ground"] != "CONTRACT_SHORT" {
		t.Errorf("a short contract: %+v, %v, %v", result, err, o.told["decision"])
	}
}

func TestJobSubsidyIsPaidToWhoDrawsABenefit(t *testing.T) {
	o, system := benefitsOffice(t)
	day := casework.Date{Year: 2026, Month: 3, Day: 6}
	snapshot := o.grantOf("unemployment_job_subsidy", "", day)
	if result, err := o.run("unemployment_job_subsidy", snapshot, nil); err != nil || result.Step != "refuse" || o.told["decision"]["ground"] != "NOT_DRAWING" {
		t.Fatalf("without a benefit: %+v, %v, %v", result, err, o.told["decision"])
	}
	grantBooks(t, system, benefits.AwardRunning)
	insured(t, system, "失业保险", zhangMing, monthsFrom(202502, 12)...)
	elsewhere := snapshot
	elsewhere.Region = "379900"
	if result, err := o.run("unemployment_job_subsidy", elsewhere, nil); err != nil || result.Step != "refuse" || o.told["decision"]["ground"] != "NOT_OFFERED" {
		t.Fatalf("elsewhere: %+v, %v, %v", result, err, o.told["decision"])
	}
	result, err := o.run("unemployment_job_subsidy", snapshot, nil)
	if err != nil || result.End != "submitted" {
		t.Fatalf("%+v %+v, %v, decided %v", result, result.Review, err, o.told["decision"])
	}
	grants, err := system.Grants(t.Context())
	if err != nil || len(grants) != 1 || grants[0].Kind != benefits.GrantSubsidy || grants[0].Months != 5 || grants[0].Amount != 5*78000 {
		t.Fatalf("grants %+v, %v", grants, err)
	}
	holds(t, "the notice", o.paper("grant_notice.html"), "求职补贴", "5个月", "780.00元", "3900.00元（叁仟玖佰元整）")
}
