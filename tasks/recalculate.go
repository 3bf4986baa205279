package tasks

import "time"

// Recalculate asks for the cases that a set of parameters with effect for the past
// opens; its subject is the set's id.
const Recalculate = "recalculate"

func recalculate() kind { return kind{queue: QueueReading, timeout: time.Hour} }
