package tasks

import "time"

// StartRun asks for a submitted case, all of whose materials are read, to be
// assessed and given a run; its subject is the case's id.
const StartRun = "start_run"

func startRun() kind { return kind{queue: QueueRuns, timeout: time.Minute} }
