package materials

// documentCheck looks at one document alone.
type documentCheck func(d *desk, p *paper)

// caseCheck compares the documents of a case.
type caseCheck func(d *desk)

// documentChecks lists the checks a type may name.
func documentChecks() map[string]documentCheck {
	return map[string]documentCheck{
		"account_digit":      checkAccountDigit,
		"authorisation":      func(d *desk, _ *paper) { checkAuthorisation(d) },
		"balance":            checkBalance,
		"case_number":        checkCaseNumber,
		"certificate_reason": checkCertificateReason,
		"household_status":   checkHouseholdStatus,
		"id_birth":           checkIDBirth,
		"id_sex":             checkIDSex,
		"id_validity":        checkIDValidity,
		"injury_limit":       checkInjuryLimit,
		"judgment":           func(d *desk, _ *paper) { checkJudgment(d) },
		"licence_status":     checkLicenceStatus,
		"marriage_age":       checkMarriageAge,
		"mobile":             checkMobile,
		"promise":            checkPromise,
		"service_years":      checkServiceYears,
		"transfer_direction": checkTransferDirection,
		"transfer_years":     checkTransferYears,
		"uscc":               checkCreditCode,
		"work_age":           checkWorkAge,
	}
}

// caseChecks lists the checks a matter may name.
func caseChecks() map[string]caseCheck {
	return map[string]caseCheck{
		"account_bank":  checkAccountBank,
		"account_owner": checkAccountOwner,
		"account_same":  checkAccountSame,
		"age_same":      checkAgeSame,
		"body_part":     checkBodyPart,
		"face":          checkFace,
		"id_number":     checkIDNumber,
		"name_special":  checkNameSpecial,
		"id_same":       checkIDSame,
		"id_sides":      checkIDSides,
		"last_paid":     checkLastPaid,
		"leave_reason":  checkLeaveReason,
		"name_same":     checkNameSame,
		"party":         checkParty,
	}
}
