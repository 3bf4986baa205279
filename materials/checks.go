package materials

// documentCheck looks at one document alone.
type documentCheck func(d *desk, p *paper)

// caseCheck compares the documents of a case.
type caseCheck func(d *desk)

// documentChecks lists the checks a type may name.
func documentChecks() map[string]documentCheck {
	return map[string]documentCheck{
		"account_digit":      checkAccountDigit,
		"certificate_reason": checkCertificateReason,
		"id_birth":           checkIDBirth,
		"id_sex":             checkIDSex,
		"id_validity":        checkIDValidity,
		"mobile":             checkMobile,
	}
}

// caseChecks lists the checks a matter may name.
func caseChecks() map[string]caseCheck {
	return map[string]caseCheck{
		"account_owner": checkAccountOwner,
		"account_same":  checkAccountSame,
		"date_order":    checkDateOrder,
		"employer_same": checkEmployerSame,
		"id_number":     checkIDNumber,
		"id_same":       checkIDSame,
		"leave_reason":  checkLeaveReason,
		"name_same":     checkNameSame,
	}
}
