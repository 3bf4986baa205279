package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/jingban/jingban/casework"
)

const apiPrefix = "/api/v1/"

// route is one line of the table: everything the server, the permission check
// and the API description need to know.
type route struct {
	Method  string
	Path    string
	Need    string // permission; anyone or signedIn
	Once    bool   // an API call must carry an Idempotency-Key
	Status  int    // of success, 0 is 200
	Passing int    // an upload of so many of the largest files that is looked at and not kept; few at once
	Summary string
	Query   []string
	In, Out any // zero values of the JSON body and answer, for OpenAPI
	Do      func(*visit) (answer, error)
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// table lists every address there is.
func (s *Server) table() []route { return append(s.pageRoutes(), s.apiRoutes()...) }

func (s *Server) pageRoutes() []route {
	return slices.Concat(s.casePages(), s.runPages(), s.systemPages(), s.fundPages())
}

func (s *Server) apiRoutes() []route {
	return slices.Concat(s.caseAPI(), s.runAPI(), s.systemAPI(), s.fundAPI())
}

// casePages are of cases, their questions and what comes in.
func (s *Server) casePages() []route {
	return []route{
		{Method: get, Path: "/signin", Need: anyone, Summary: "sign-in page", Do: s.signInPage},
		{Method: post, Path: "/signin", Need: anyone, Summary: "sign in", Do: s.signInForm},
		{Method: post, Path: "/signout", Need: anyone, Summary: "sign out", Do: s.signOut},
		{Method: post, Path: "/preference", Need: anyone, Summary: "language and colours", Do: s.preference},
		{Method: get, Path: "/{$}", Need: signedIn, Summary: "the first page of one's role", Do: s.homePage},
		{Method: get, Path: "/dashboard", Need: mayNumbers, Summary: "dashboard", Do: s.dashboardPage},
		{Method: get, Path: "/cases", Need: mayReadCase, Summary: "list of cases", Do: s.casesPage},
		{Method: post, Path: "/cases/search", Need: mayReadCase, Summary: "search by number, ID number or name", Do: s.searchPage},
		{Method: get, Path: "/cases/new", Need: mayCreate, Summary: "form of a new case", Do: s.newCasePage},
		{Method: post, Path: "/cases", Need: mayCreate, Summary: "make a case", Do: s.newCaseForm},
		{Method: get, Path: "/cases/{id}", Need: mayReadCase, Summary: "one case", Do: s.casePage},
		{Method: post, Path: "/cases/{id}/reveal", Need: mayReveal, Summary: "one case, unmasked, audited", Do: s.revealPage},
		{Method: get, Path: "/cases/{id}/upload", Need: mayCreate, Summary: "materials of an open case", Do: s.uploadPage},
		{Method: post, Path: "/cases/{id}/materials", Need: mayCreate, Summary: "upload files", Do: s.uploadForm},
		{Method: post, Path: "/cases/{id}/submit", Need: maySubmit, Summary: "submit", Do: s.submitForm},
		{Method: post, Path: "/cases/{id}/cancel", Need: mayCancel, Summary: "cancel", Do: s.cancelForm},
		{Method: post, Path: "/cases/{id}/clock/pause", Need: mayPauseClock, Summary: "stop the time limit", Do: s.pauseClock},
		{Method: post, Path: "/cases/{id}/clock/resume", Need: mayPauseClock, Summary: "let the time limit go on", Do: s.resumeClock},
		{Method: get, Path: "/inbox", Need: mayReview, Summary: "questions to people", Do: s.inboxPage},
		{Method: get, Path: "/reviews/{id}", Need: mayReview, Summary: "one question", Do: s.reviewPage},
		{Method: post, Path: "/reviews/{id}/decision", Need: mayDecide, Summary: "answer it", Do: s.decisionForm},
		{Method: get, Path: "/sheets", Need: mayReadSheet, Summary: "sheets that are work lists", Do: s.sheetsPage},
		{Method: post, Path: "/sheets", Need: mayWriteSheet, Summary: "upload one; its rows begin", Do: s.sheetUpload},
		{Method: get, Path: "/sheet-templates/{playbook}", Need: mayReadSheet, Summary: "download the empty list of a playbook", Do: s.sheetTemplate},
		{Method: get, Path: "/sheets/{id}", Need: mayReadSheet, Summary: "one sheet and its rows", Do: s.sheetPage},
		{Method: post, Path: "/sheets/{id}/stop", Need: mayWriteSheet, Summary: "let no further row begin", Do: s.stopSheet},
		{Method: post, Path: "/sheets/{id}/continue", Need: mayWriteSheet, Summary: "go on", Do: s.continueSheet},
		{Method: get, Path: "/sheets/{id}/file", Need: mayReveal, Summary: "download it with the results", Do: s.sheetFile},
		{Method: get, Path: "/files/materials/{id}/{page}", Need: mayReveal, Summary: "page of a material", Do: s.materialFile},
	}
}

// runPages are of runs, and what they follow: playbooks, schedules, parameters.
func (s *Server) runPages() []route {
	return []route{
		{Method: get, Path: "/runs", Need: mayReadRun, Summary: "list of runs", Do: s.runsPage},
		{Method: get, Path: "/runs/{id}", Need: mayReadRun, Summary: "one run", Do: s.runPage},
		{Method: post, Path: "/runs/{id}/retry", Need: mayRetryRun, Summary: "retry, from a step", Do: s.retryRun},
		{Method: post, Path: "/runs/{id}/withdraw", Need: mayWithdraw, Summary: "withdraw", Do: s.withdrawRun},
		{Method: post, Path: "/runs/{id}/cancel", Need: mayCancelRun, Summary: "cancel", Do: s.cancelRun},
		{Method: post, Path: "/runs/{id}/pause", Need: mayControl, Summary: "pause", Do: s.pauseRun},
		{Method: post, Path: "/runs/{id}/resume", Need: mayControl, Summary: "resume", Do: s.resumeRun},
		{Method: post, Path: "/runs/{id}/skip", Need: mayControl, Summary: "skip a step", Do: s.skipStep},
		{Method: post, Path: "/runs/{id}/rerun", Need: mayControl, Summary: "go on with another version", Do: s.rerun},
		{Method: post, Path: "/runs/{id}/dry", Need: mayDry, Summary: "order a dry run", Do: s.orderDryRun},
		{Method: get, Path: "/runs/{id}/dry/{dry}", Need: mayDry, Summary: "one dry run", Do: s.dryPage},
		{Method: get, Path: "/files/dry/{dry}/{n}", Need: mayReveal, Summary: "picture of a dry run", Do: s.dryFile},
		{Method: get, Path: "/playbooks", Need: mayReadPlaybook, Summary: "playbooks and their versions", Do: s.playbooksPage},
		{Method: get, Path: "/playbooks/edit", Need: mayWritePlaybook, Summary: "editor of a playbook", Do: s.editPage},
		{Method: post, Path: "/playbooks/edit", Need: mayWritePlaybook, Summary: "check it, or keep it as a draft", Do: s.editForm},
		{Method: get, Path: "/versions/{hash}", Need: mayReadPlaybook, Summary: "one version, beside another", Do: s.versionPage},
		{Method: post, Path: "/versions/{hash}/release", Need: mayRelease, Summary: "release", Do: s.moving("flash.released", s.releaseVersion)},
		{Method: post, Path: "/versions/{hash}/promote", Need: mayRelease, Summary: "one stage up", Do: s.moving("flash.promoted", s.promoteVersion)},
		{Method: post, Path: "/versions/{hash}/demote", Need: mayReadPlaybook, Summary: "one stage down", Do: s.moving("flash.demoted", s.demoteVersion)},
		{Method: post, Path: "/versions/{hash}/retire", Need: mayRelease, Summary: "no new runs", Do: s.moving("flash.retired", s.retireVersion)},
		{Method: post, Path: "/versions/{hash}/quota", Need: mayRelease, Summary: "runs a day and sample", Do: s.setQuota},
		{Method: get, Path: "/params", Need: mayReadParam, Summary: "parameters in force and the sets that change them", Do: s.paramsPage},
		{Method: post, Path: "/params", Need: mayWriteParam, Summary: "keep a set as a draft", Do: s.newParamsForm},
		{Method: get, Path: "/params/new", Need: mayWriteParam, Summary: "form of a set, begun from what is in force", Do: s.newParamsPage},
		{Method: get, Path: "/params/{id}", Need: mayReadParam, Summary: "one set: what it changes, for whom, and what examples say", Do: s.paramSetPage},
		{Method: post, Path: "/params/{id}/scan", Need: mayWriteParam, Summary: "attach the scan of the notice", Do: s.attachScan},
		{Method: post, Path: "/params/{id}/try", Need: mayReadParam, Summary: "evaluate worked examples under it", Do: s.tryParams},
		{Method: post, Path: "/params/{id}/release", Need: mayReleaseParam, Summary: "put it in force", Do: s.releaseParams},
		{Method: post, Path: "/params/{id}/refuse", Need: mayReleaseParam, Summary: "send it back", Do: s.refuseParams},
		{Method: post, Path: "/params/{id}/withdraw", Need: mayReadParam, Summary: "take it back", Do: s.withdrawParams},
		{Method: get, Path: "/files/params/{id}/scan", Need: mayReadParam, Summary: "scan of the notice", Do: s.paramScan},
		{Method: get, Path: "/schedules", Need: mayReadSchedule, Summary: "schedules and the month's calendar", Do: s.schedulesPage},
		{Method: post, Path: "/schedules", Need: mayChangeSchedule, Summary: "make a schedule", Do: s.scheduleSave},
		{Method: get, Path: "/schedules/new", Need: mayChangeSchedule, Summary: "form of a new schedule, previews its rule", Do: s.newSchedulePage},
		{Method: get, Path: "/schedules/{id}", Need: mayReadSchedule, Summary: "one schedule", Do: s.schedulePage},
		{Method: post, Path: "/schedules/{id}", Need: mayChangeSchedule, Summary: "change it", Do: s.scheduleSave},
		{Method: get, Path: "/schedules/{id}/edit", Need: mayChangeSchedule, Summary: "its form", Do: s.editSchedulePage},
		{Method: post, Path: "/schedules/{id}/pause", Need: mayChangeSchedule, Summary: "pause", Do: s.pauseSchedule},
		{Method: post, Path: "/schedules/{id}/resume", Need: mayChangeSchedule, Summary: "resume", Do: s.resumeSchedule},
		{Method: get, Path: "/calendar", Need: mayReadSchedule, Summary: "working days by year", Do: s.calendarPage},
		{Method: post, Path: "/calendar", Need: mayChangeCalendar, Summary: "import a year", Do: s.calendarForm},
		{Method: get, Path: "/files/targets/{name}/pages/{page}/{which}", Need: mayReveal, Summary: "picture of a changed page", Do: s.pagePictureFile},
		{Method: get, Path: "/files/runs/{id}/{evidence}", Need: mayReveal, Summary: "evidence of a run", Do: s.evidenceFile},
		{Method: get, Path: "/files/runs/{id}/trace", Need: mayReveal, Summary: "a run as one HTML file", Do: s.tracePage},
	}
}

// systemPages are of foreign systems, and what watches over the work.
func (s *Server) systemPages() []route {
	return []route{
		{Method: get, Path: "/sign-ins/{name}", Need: mayControl, Summary: "sign-in of a foreign system that needs a person", Do: s.attendedPage},
		{Method: post, Path: "/sign-ins/{name}", Need: mayControl, Summary: "open its page", Do: s.wantSignIn},
		{Method: get, Path: "/sign-ins/{name}/look", Need: mayControl, Summary: "what the open page shows", Do: s.lookSignIn},
		{Method: post, Path: "/sign-ins/{name}/touch", Need: mayControl, Summary: "mouse and keys for it", Do: s.touchSignIn},
		{Method: get, Path: "/alerts", Need: mayReadAlert, Summary: "what people should look at", Do: s.alertsPage},
		{Method: post, Path: "/alerts/{id}/acknowledge", Need: mayAcknowledge, Summary: "seen", Do: s.acknowledge},
		{Method: get, Path: "/rules", Need: mayReadRule, Summary: "how often each rule fired and was overridden", Do: s.rulesPage},
		{Method: get, Path: "/samples", Need: mayReadSample, Summary: "sample audits", Do: s.samplesPage},
		{Method: get, Path: "/samples/{id}", Need: mayReadSample, Summary: "one sample audit and what it says", Do: s.samplePage},
		{Method: get, Path: "/samples/{id}/{place}", Need: mayLabel, Summary: "one drawn case, to be labelled blind", Do: s.drawnPage},
		{Method: post, Path: "/samples/{id}/{place}", Need: mayLabel, Summary: "label it", Do: s.labelForm},
		{Method: get, Path: "/targets", Need: mayReadTarget, Summary: "foreign systems: seats, windows, quota, health", Do: s.targetsPage},
		{Method: get, Path: "/targets/{name}", Need: mayReadTarget, Summary: "one foreign system and its robot account", Do: s.targetPage},
		{Method: post, Path: "/targets/{name}", Need: mayWriteTarget, Summary: "limits from a day on", Do: s.targetForm},
		{Method: get, Path: "/targets/{name}/pages/{page}", Need: mayReadTarget, Summary: "a changed page side by side", Do: s.repairPage},
		{Method: post, Path: "/targets/{name}/pages", Need: mayWriteTarget, Summary: "take a changed page as it is", Do: s.acceptPage},
		{Method: post, Path: "/targets/{name}/resume", Need: mayWriteTarget, Summary: "resume", Do: s.resumeTarget},
		{Method: post, Path: "/kills", Need: mayKill, Summary: "kill switch", Do: s.kill},
		{Method: post, Path: "/kills/remove", Need: mayKill, Summary: "take it away", Do: s.unkill},
		{Method: post, Path: "/accounts/{name}", Need: mayWriteTarget, Summary: "who answers for a robot account", Do: s.setAccount},
		{Method: post, Path: "/accounts/{name}/password", Need: mayPassword, Summary: "new password, first person", Do: s.proposePassword},
		{Method: post, Path: "/accounts/{name}/password/confirm", Need: mayPassword, Summary: "new password, second person", Do: s.confirmPassword},
	}
}

// fundPages are of the fund and the insured.
func (s *Server) fundPages() []route {
	return []route{
		{Method: get, Path: "/fund", Need: mayReadFund, Summary: "fund accounts and their last days", Do: s.fundPage},
		{Method: post, Path: "/fund", Need: mayFundAccount, Summary: "make or change a fund account", Do: s.setFundAccount},
		{Method: get, Path: "/fund/{account}", Need: mayReadFund, Summary: "one fund account: calendar, open items, files", Do: s.fundAccountPage},
		{Method: post, Path: "/fund/{account}/files", Need: mayWriteFund, Summary: "upload statements, journals and batches", Do: s.fundUpload},
		{Method: post, Path: "/fund/{account}/reconcile", Need: mayWriteFund, Summary: "compare up to a day", Do: s.orderFund},
		{Method: post, Path: "/fund/{account}/items/{key}/ruling", Need: mayWriteFund, Summary: "answer an open item, or take the answer back", Do: s.ruleFund},
		{Method: get, Path: "/fund/{account}/days/{day}", Need: mayReadFund, Summary: "what the comparison of a day found", Do: s.fundDayPage},
		{Method: post, Path: "/fund/{account}/days/{day}/sign", Need: maySignFund, Summary: "sign it", Do: s.signFund},
		{Method: get, Path: "/fund/{account}/books", Need: mayReadFund, Summary: "open and closed books of an account", Do: s.fundBooksPage},
		{Method: post, Path: "/fund/{account}/days/{day}/close", Need: mayFundAccount, Summary: "close the books with a day", Do: s.closeFund},
		{Method: post, Path: "/fund/{account}/repays/{key}", Need: mayWriteFund, Summary: "what became of a failed payment", Do: s.closeFundRepay},
		{Method: get, Path: "/fund/{account}/days/{day}/papers/{name}", Need: mayReveal, Summary: "download a paper of a day", Do: s.fundPaper},
		{Method: get, Path: "/persons", Need: mayReadPerson, Summary: "pairs of numbers that may be one person's, the most valuable doubt first", Do: s.personsPage},
		{Method: get, Path: "/persons/{key}", Need: mayReadPerson, Summary: "one pair: field table, waterfall of weights, answers", Do: s.pairPage},
		{Method: post, Path: "/persons/{key}/ruling", Need: mayRulePerson, Summary: "one person, two persons, or not sure", Do: s.rulePair},
		{Method: post, Path: "/persons/merges/{run}/undo", Need: mayRulePerson, Summary: "open the case that takes a merge back", Do: s.undoMerge},
	}
}

// caseAPI are of cases, their questions and what comes in.
func (s *Server) caseAPI() []route {
	paging := []string{"after", "limit"}
	caseQuery := append([]string{"state", "matter", "verdict", "outcome", "number", "late", "today"}, paging...)
	return []route{
		{Method: post, Path: "/api/v1/sessions", Need: anyone, Summary: "Sign in as a person; gives a bearer token", In: sessionIn{}, Out: sessionOut{}, Do: s.apiSignIn},
		{Method: post, Path: "/api/v1/cases", Need: mayCreate, Once: true, Status: http.StatusCreated, Summary: "Make a case", In: caseIn{}, Out: caseOut{}, Do: s.apiNewCase},
		{Method: get, Path: "/api/v1/cases", Need: mayReadCase, Summary: "List cases, newest first", Query: caseQuery, Out: listOut[caseOut]{}, Do: s.apiCases},
		{Method: post, Path: "/api/v1/cases/search", Need: mayReadCase, Summary: "Find cases by number, full ID number or name", In: searchIn{}, Out: listOut[caseOut]{}, Do: s.apiSearch},
		{Method: get, Path: "/api/v1/cases/{id}", Need: mayReadCase, Summary: "One case; masked unless reveal=1 and a reason", Query: []string{"reveal", "reason"}, Out: caseWithMaterials{}, Do: s.apiCase},
		{Method: post, Path: "/api/v1/cases/{id}/materials", Need: mayCreate, Once: true, Status: http.StatusCreated, Summary: "Upload one file", In: uploadIn{}, Out: materialOut{}, Do: s.apiUpload},
		{Method: post, Path: "/api/v1/cases/{id}/submit", Need: maySubmit, Once: true, Status: http.StatusAccepted, Summary: "Close the uploads and have them checked", In: nothingIn{}, Out: caseOut{}, Do: s.apiSubmit},
		{Method: post, Path: "/api/v1/cases/{id}/cancel", Need: mayCancel, Once: true, Summary: "Cancel a case that is not being worked on", In: reasonIn{}, Out: caseOut{}, Do: s.apiCancel},
		{Method: get, Path: "/api/v1/cases/{id}/clock", Need: mayReadCase, Summary: "The time limit of a case, and when it stood still", Out: clockOut{}, Do: s.apiClock},
		{Method: post, Path: "/api/v1/cases/{id}/clock/pause", Need: mayPauseClock, Once: true, Summary: "Stop the time limit: reason citizen or other_office, with a note", In: pauseIn{}, Out: clockOut{}, Do: s.pauseClock},
		{Method: post, Path: "/api/v1/cases/{id}/clock/resume", Need: mayPauseClock, Once: true, Summary: "Let the time limit go on; the due date moves by the days it stood", In: nothingIn{}, Out: clockOut{}, Do: s.resumeClock},
		{Method: get, Path: "/api/v1/cases/{id}/assessment", Need: mayReadCase, Summary: "What the check of the materials found", Query: []string{"reveal", "reason"}, Out: assessmentOut{}, Do: s.apiAssessment},
		{Method: post, Path: "/api/v1/checks", Need: mayCreate, Passing: checkFiles, Summary: "Check materials before applying: JSON Lines, the pictures at once, the verdict when all is read; nothing is kept", In: checkIn{}, Out: casework.Checked{}, Do: s.apiCheck},
		{Method: post, Path: "/api/v1/sheets", Need: mayWriteSheet, Once: true, Status: http.StatusCreated, Summary: "Bring a sheet in: one row is one run of the playbook; the same file begins nothing twice", In: sheetIn{}, Out: sheetOut{}, Do: s.sheetUpload},
		{Method: get, Path: "/api/v1/sheets/{id}", Need: mayReadSheet, Summary: "One sheet and where its rows stand", Out: sheetOut{}, Do: s.apiSheet},
		{Method: get, Path: "/api/v1/sheets/{id}/file", Need: mayReveal, Summary: "The sheet with its results", Do: s.sheetFile},
		{Method: post, Path: "/api/v1/sheets/{id}/stop", Need: mayWriteSheet, Once: true, Summary: "Let no further row begin", In: reasonIn{}, Out: acknowledgedOut{}, Do: s.stopSheet},
		{Method: post, Path: "/api/v1/sheets/{id}/continue", Need: mayWriteSheet, Once: true, Summary: "Go on with the next row", In: reasonIn{}, Out: acknowledgedOut{}, Do: s.continueSheet},
		{Method: get, Path: "/api/v1/reviews", Need: mayReview, Summary: "List questions to people, by due date", Query: append([]string{"state", "role", "case"}, paging...), Out: listOut[reviewOut]{}, Do: s.apiReviews},
		{Method: get, Path: "/api/v1/reviews/{id}", Need: mayReview, Summary: "One question", Out: reviewOut{}, Do: s.apiReview},
		{Method: post, Path: "/api/v1/reviews/{id}/decision", Need: mayDecide, Once: true, Summary: "Answer a question", In: decisionIn{}, Out: reviewOut{}, Do: s.apiDecide},
		{Method: get, Path: "/api/v1/numbers", Need: mayNumbers, Summary: "The numbers of the dashboard", Out: numbersOut{}, Do: s.apiNumbers},
		{Method: get, Path: "/api/v1/files/materials/{id}/{page}", Need: mayReveal, Summary: "Picture of one page of a material", Query: []string{"size"}, Do: s.materialFile},
		{Method: get, Path: "/api/v1/health", Need: anyone, Summary: "Is the service up; details for who is signed in", Out: healthOut{}, Do: s.apiHealth},
		{Method: get, Path: "/api/v1/openapi.json", Need: anyone, Summary: "This description", Do: s.openAPI},
	}
}

// runAPI are of runs, and what they follow: playbooks, schedules, parameters.
func (s *Server) runAPI() []route {
	paging := []string{"after", "limit"}
	return []route{
		{Method: get, Path: "/api/v1/runs", Need: mayReadRun, Summary: "List runs", Query: append([]string{"state", "playbook", "target", "case"}, paging...), Out: listOut[runOut]{}, Do: s.apiRuns},
		{Method: get, Path: "/api/v1/runs/{id}", Need: mayReadRun, Summary: "One run with its journal and evidence, without personal data", Out: runWithJournal{}, Do: s.apiRun},
		{Method: post, Path: "/api/v1/runs/{id}/retry", Need: mayRetryRun, Once: true, Summary: "Let a run go on, or do a step and all after it anew; nothing but a failed run needs no reason", In: stepIn{}, Out: runOut{}, Do: s.retryRun},
		{Method: post, Path: "/api/v1/runs/{id}/withdraw", Need: mayWithdraw, Once: true, Summary: "Take a run back for good", In: reasonIn{}, Out: runOut{}, Do: s.withdrawRun},
		{Method: post, Path: "/api/v1/runs/{id}/pause", Need: mayControl, Once: true, Summary: "Keep a live run where it is", In: reasonIn{}, Out: runOut{}, Do: s.pauseRun},
		{Method: post, Path: "/api/v1/runs/{id}/resume", Need: mayControl, Once: true, Summary: "Let a paused run go on", In: reasonIn{}, Out: runOut{}, Do: s.resumeRun},
		{Method: post, Path: "/api/v1/runs/{id}/skip", Need: mayControl, Once: true, Summary: "Pass over a step of a run that nobody holds", In: stepIn{}, Out: runOut{}, Do: s.skipStep},
		{Method: post, Path: "/api/v1/runs/{id}/rerun", Need: mayControl, Once: true, Summary: "Give a run another version of its playbook", In: versionIn{}, Out: runOut{}, Do: s.rerun},
		{Method: post, Path: "/api/v1/runs/{id}/dry", Need: mayDry, Once: true, Status: http.StatusAccepted, Summary: "Order a dry run: the live page up to its commit and not further", In: versionIn{}, Out: dryOut{}, Do: s.orderDryRun},
		{Method: get, Path: "/api/v1/runs/{id}/dry", Need: mayDry, Summary: "List the dry runs of a run", Query: []string{"limit"}, Out: listOut[dryOut]{}, Do: s.apiDryRuns},
		{Method: get, Path: "/api/v1/runs/{id}/dry/{dry}", Need: mayDry, Summary: "One dry run; its table with reveal=1 and a reason", Query: []string{"reveal", "reason"}, Out: dryOut{}, Do: s.apiDryRun},
		{Method: get, Path: "/api/v1/versions", Need: mayReadPlaybook, Summary: "List the versions of playbooks", Query: []string{"playbook"}, Out: listOut[versionOut]{}, Do: s.apiVersions},
		{Method: post, Path: "/api/v1/versions", Need: mayWritePlaybook, Once: true, Status: http.StatusCreated, Summary: "Keep a text as a draft, with what the linter says", In: playbookIn{}, Out: versionOut{}, Do: s.apiSavePlaybook},
		{Method: post, Path: "/api/v1/versions/check", Need: mayReadPlaybook, Summary: "Lint a text without keeping it", In: playbookIn{}, Out: checkOut{}, Do: s.apiCheckPlaybook},
		{Method: get, Path: "/api/v1/versions/{hash}", Need: mayReadPlaybook, Summary: "One version with its text", Out: versionOut{}, Do: s.apiVersion},
		{Method: get, Path: "/api/v1/versions/{hash}/diff", Need: mayReadPlaybook, Summary: "Line by line against another version", Query: []string{"with"}, Out: listOut[diffOut]{}, Do: s.apiDiff},
		{Method: post, Path: "/api/v1/versions/{hash}/release", Need: mayRelease, Once: true, Summary: "Release a draft to its shadow stage; never by its author", In: reasonIn{}, Out: versionOut{}, Do: s.moving("flash.released", s.releaseVersion)},
		{Method: post, Path: "/api/v1/versions/{hash}/promote", Need: mayRelease, Once: true, Summary: "Trust a version one stage more", In: reasonIn{}, Out: versionOut{}, Do: s.moving("flash.promoted", s.promoteVersion)},
		{Method: post, Path: "/api/v1/versions/{hash}/demote", Need: mayReadPlaybook, Once: true, Summary: "Trust a version one stage less", In: reasonIn{}, Out: versionOut{}, Do: s.moving("flash.demoted", s.demoteVersion)},
		{Method: post, Path: "/api/v1/versions/{hash}/retire", Need: mayRelease, Once: true, Summary: "Give a version no new runs", In: reasonIn{}, Out: versionOut{}, Do: s.moving("flash.retired", s.retireVersion)},
		{Method: post, Path: "/api/v1/versions/{hash}/quota", Need: mayRelease, Once: true, Summary: "How many runs a day a version takes, and how many of them are supervised", In: quotaIn{}, Out: versionOut{}, Do: s.setQuota},
		{Method: get, Path: "/api/v1/params", Need: mayReadParam, Summary: "List sets of parameters", Query: []string{"region", "kind", "state"}, Out: listOut[paramOut]{}, Do: s.apiParams},
		{Method: post, Path: "/api/v1/params", Need: mayWriteParam, Once: true, Status: http.StatusCreated, Summary: "Keep a set of parameters as a draft; what cannot hold is refused by field", In: paramIn{}, Out: paramOut{}, Do: s.apiSaveParams},
		{Method: get, Path: "/api/v1/params/{id}", Need: mayReadParam, Summary: "One set of parameters", Out: paramOut{}, Do: s.apiParamSet},
		{Method: post, Path: "/api/v1/params/{id}/scan", Need: mayWriteParam, Once: true, Summary: "Attach the scan of the notice", In: uploadIn{}, Out: acknowledgedOut{}, Do: s.attachScan},
		{Method: post, Path: "/api/v1/params/{id}/try", Need: mayReadParam, Once: true, Summary: "Evaluate worked examples under a draft, those of a file or the program's own", In: uploadIn{}, Out: trialOut{}, Do: s.tryParams},
		{Method: post, Path: "/api/v1/params/{id}/release", Need: mayReleaseParam, Once: true, Summary: "Put a draft in force; never by its author", In: releaseIn{}, Out: paramOut{}, Do: s.releaseParams},
		{Method: post, Path: "/api/v1/params/{id}/refuse", Need: mayReleaseParam, Once: true, Summary: "Send a draft back", In: reasonIn{}, Out: paramOut{}, Do: s.refuseParams},
		{Method: post, Path: "/api/v1/params/{id}/withdraw", Need: mayReadParam, Once: true, Summary: "Take a draft back, or a released set before its first day", In: reasonIn{}, Out: paramOut{}, Do: s.withdrawParams},
		{Method: get, Path: "/api/v1/schedules", Need: mayReadSchedule, Summary: "List schedules", Out: listOut[scheduleOut]{}, Do: s.apiSchedules},
		{Method: post, Path: "/api/v1/schedules", Need: mayChangeSchedule, Once: true, Status: http.StatusCreated, Summary: "Make a schedule", In: scheduleIn{}, Out: scheduleOut{}, Do: s.apiAddSchedule},
		{Method: get, Path: "/api/v1/schedules/preview", Need: mayReadSchedule, Summary: "The next ten moments of a rule", Query: []string{"rule", "hours"}, Out: previewOut{}, Do: s.apiPreview},
		{Method: get, Path: "/api/v1/schedules/{id}", Need: mayReadSchedule, Summary: "One schedule with its next ten moments", Out: scheduleWithNext{}, Do: s.apiSchedule},
		{Method: post, Path: "/api/v1/schedules/{id}", Need: mayChangeSchedule, Once: true, Summary: "Change a schedule; rev is the one that was read", In: scheduleIn{}, Out: scheduleOut{}, Do: s.apiChangeSchedule},
		{Method: post, Path: "/api/v1/schedules/{id}/pause", Need: mayChangeSchedule, Once: true, Summary: "Pause; what comes due meanwhile falls out", In: reasonIn{}, Out: scheduleOut{}, Do: s.pauseSchedule},
		{Method: post, Path: "/api/v1/schedules/{id}/resume", Need: mayChangeSchedule, Once: true, Summary: "Go on from now", In: nothingIn{}, Out: scheduleOut{}, Do: s.resumeSchedule},
		{Method: get, Path: "/api/v1/schedules/{id}/ticks", Need: mayReadSchedule, Summary: "What became of each moment, newest first", Query: paging, Out: listOut[tickOut]{}, Do: s.apiTicks},
		{Method: get, Path: "/api/v1/calendar", Need: mayReadSchedule, Summary: "The working-day calendar by year", Out: listOut[casework.CalendarYear]{}, Do: s.apiCalendar},
		{Method: post, Path: "/api/v1/calendar", Need: mayChangeCalendar, Once: true, Summary: "Import years, written as YAML; due dates move with them", In: calendarIn{}, Out: importedOut{}, Do: s.apiImportCalendar},
		{Method: post, Path: "/api/v1/runs/{id}/cancel", Need: mayCancelRun, Once: true, Summary: "End a live run for good; one in doubt is asked about first", In: reasonIn{}, Out: runOut{}, Do: s.cancelRun},
		{Method: get, Path: "/api/v1/runs/{id}/trace", Need: mayReveal, Summary: "One run as one self-contained HTML file", Do: s.tracePage},
		{Method: get, Path: "/api/v1/files/runs/{id}/{evidence}", Need: mayReveal, Summary: "One file of evidence", Do: s.evidenceFile},
	}
}

// systemAPI are of foreign systems, and what watches over the work.
func (s *Server) systemAPI() []route {
	paging := []string{"after", "limit"}
	return []route{
		{Method: get, Path: "/api/v1/alerts", Need: mayReadAlert, Summary: "List alerts; those that are over with cleared=1", Query: append([]string{"kind", "subject", "cleared"}, paging...), Out: listOut[alertOut]{}, Do: s.apiAlerts},
		{Method: post, Path: "/api/v1/alerts/{id}/acknowledge", Need: mayAcknowledge, Once: true, Summary: "Say that an alert was seen", In: nothingIn{}, Out: acknowledgedOut{}, Do: s.acknowledge},
		{Method: get, Path: "/api/v1/rules", Need: mayReadRule, Summary: "How often each rule fired and was overridden in the last 7, 30, 90 or 365 days", Query: []string{"days"}, Out: listOut[ruleOut]{}, Do: s.apiRules},
		{Method: get, Path: "/api/v1/samples", Need: mayReadSample, Summary: "List the sample audits", Out: listOut[sampleOut]{}, Do: s.apiSamples},
		{Method: get, Path: "/api/v1/samples/{id}", Need: mayReadSample, Summary: "One sample audit with its rates and intervals", Out: sampleOut{}, Do: s.apiSample},
		{Method: get, Path: "/api/v1/targets", Need: mayReadTarget, Summary: "List the foreign systems with seats, quota and health", Out: listOut[targetOut]{}, Do: s.apiTargets},
		{Method: get, Path: "/api/v1/targets/{name}", Need: mayReadTarget, Summary: "One foreign system with all its limits", Out: targetWithLimits{}, Do: s.apiTarget},
		{Method: post, Path: "/api/v1/targets/{name}", Need: mayWriteTarget, Once: true, Summary: "Put limits in force from a day on", In: limitsIn{}, Out: targetWithLimits{}, Do: s.apiSetTarget},
		{Method: post, Path: "/api/v1/targets/{name}/resume", Need: mayWriteTarget, Once: true, Summary: "Let a paused or stopped system be tried again", In: reasonIn{}, Out: targetWithLimits{}, Do: s.resumeTarget},
		{Method: get, Path: "/api/v1/kills", Need: mayReadTarget, Summary: "List the kill switches that stand", Out: listOut[killOut]{}, Do: s.apiKills},
		{Method: post, Path: "/api/v1/kills", Need: mayKill, Once: true, Summary: "Stop all, target:<name> or playbook:<name>", In: killIn{}, Out: killOut{}, Do: s.kill},
		{Method: post, Path: "/api/v1/kills/remove", Need: mayKill, Once: true, Summary: "Take a kill switch away", In: unkillIn{}, Out: unkillIn{}, Do: s.unkill},
		{Method: get, Path: "/api/v1/accounts", Need: mayReadTarget, Summary: "List the robot accounts; never their passwords", Out: listOut[accountOut]{}, Do: s.apiAccounts},
		{Method: post, Path: "/api/v1/accounts/{name}", Need: mayWriteTarget, Once: true, Summary: "Say who answers for a robot account, by what approval and until when", In: accountIn{}, Out: accountOut{}, Do: s.setAccount},
		{Method: post, Path: "/api/v1/accounts/{name}/password", Need: mayPassword, Once: true, Summary: "New password of a robot account, first person", In: passwordIn{}, Out: accountOut{}, Do: s.proposePassword},
		{Method: post, Path: "/api/v1/accounts/{name}/password/confirm", Need: mayPassword, Once: true, Summary: "The same password typed by a second person", In: passwordIn{}, Out: accountOut{}, Do: s.confirmPassword},
		{Method: post, Path: "/api/v1/vault/{name}", Need: mayFillVault, Once: true, Summary: "Store a secret; it can never be read back here", In: secretIn{}, Out: secretOut{}, Do: s.apiVault},
	}
}

// fundAPI are of the fund and the insured.
func (s *Server) fundAPI() []route {
	return []route{
		{Method: get, Path: "/api/v1/fund", Need: mayReadFund, Summary: "List fund accounts", Out: listOut[fundAccountOut]{}, Do: s.apiFundAccounts},
		{Method: post, Path: "/api/v1/fund", Need: mayFundAccount, Once: true, Summary: "Make a fund account, or change the one of that name", In: fundAccountIn{}, Out: fundAccountOut{}, Do: s.setFundAccount},
		{Method: get, Path: "/api/v1/fund/{account}/files", Need: mayReadFund, Summary: "Files that came for an account", Out: listOut[fundFileOut]{}, Do: s.apiFundFiles},
		{Method: post, Path: "/api/v1/fund/{account}/files", Need: mayWriteFund, Once: true, Summary: "Bring a statement, journal or batch in; the account is compared up to its last day", In: fundUploadIn{}, Out: listOut[fundFileOut]{}, Do: s.fundUpload},
		{Method: post, Path: "/api/v1/fund/{account}/files/{file}/withdraw", Need: mayWriteFund, Once: true, Summary: "Take a file out of further comparisons", In: reasonIn{}, Out: acknowledgedOut{}, Do: s.withdrawFundFile},
		{Method: get, Path: "/api/v1/fund/{account}/days", Need: mayReadFund, Summary: "Results of a month by day", Query: []string{"month"}, Out: listOut[fundResultOut]{}, Do: s.apiFundDays},
		{Method: post, Path: "/api/v1/fund/{account}/reconcile", Need: mayWriteFund, Once: true, Summary: "Compare an account up to a day", In: fundDayIn{}, Out: fundResultOut{}, Do: s.orderFund},
		{Method: post, Path: "/api/v1/fund/{account}/days/{day}/sign", Need: maySignFund, Once: true, Summary: "Sign the next step of a day: prepared, reviewed, approved", In: nothingIn{}, Out: fundSignedOut{}, Do: s.signFund},
		{Method: post, Path: "/api/v1/fund/{account}/days/{day}/close", Need: mayFundAccount, Once: true, Summary: "Close the books with a day that bears all signatures; what is open is carried on", In: nothingIn{}, Out: fundClosingOut{}, Do: s.closeFund},
		{Method: get, Path: "/api/v1/fund/{account}/books", Need: mayReadFund, Summary: "Closed periods of an account, the newest first", Out: listOut[fundClosingOut]{}, Do: s.apiFundBooks},
		{Method: get, Path: "/api/v1/fund/{account}/repays", Need: mayReadFund, Summary: "Payments that failed or came back and have to be made again", Out: listOut[fundRepayOut]{}, Do: s.apiFundRepays},
		{Method: post, Path: "/api/v1/fund/{account}/repays/{key}", Need: mayWriteFund, Once: true, Summary: "Close a failed payment: paid or dropped", In: repayIn{}, Out: acknowledgedOut{}, Do: s.closeFundRepay},
		{Method: get, Path: "/api/v1/fund/{account}/items", Need: mayReadFund, Summary: "What is open, by money times doubt", Query: []string{"after", "limit"}, Out: listOut[fundItemOut]{}, Do: s.apiFundItems},
		{Method: get, Path: "/api/v1/persons", Need: mayReadPerson, Summary: "Pairs of numbers that may be one person's, by months and money at stake times doubt", Query: []string{"state", "after", "limit"}, Out: listOut[pairOut]{}, Do: s.apiPairs},
		{Method: post, Path: "/api/v1/persons/{key}/ruling", Need: mayRulePerson, Once: true, Summary: "Answer a pair: same opens a merge case, two vetoes it for good, unsure, or open takes an answer back", In: pairIn{}, Out: acknowledgedOut{}, Do: s.rulePair},
		{Method: post, Path: "/api/v1/persons/merges/{run}/undo", Need: mayRulePerson, Once: true, Summary: "Open the case that takes a merge back", In: nothingIn{}, Out: acknowledgedOut{}, Do: s.undoMerge},
		{Method: post, Path: "/api/v1/fund/{account}/items/{key}/ruling", Need: mayWriteFund, Once: true, Summary: "Answer an open item: accepted, refused, explained, or undo", In: rulingIn{}, Out: acknowledgedOut{}, Do: s.ruleFund},
	}
}

// fits reports whether a path has the shape of the route, whatever the method.
func (r route) fits(path string) bool {
	want, got := strings.Split(strings.TrimSuffix(r.Path, "{$}"), "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if !strings.HasPrefix(want[i], "{") && want[i] != got[i] {
			return false
		}
	}
	return true
}
