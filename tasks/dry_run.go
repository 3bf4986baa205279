package tasks

import "time"

// DryRun asks for an ordered dry run to be carried out; its subject is the dry
// run's id.
const DryRun = "dry_run"

func dryRun() kind { return kind{queue: QueueRuns, timeout: 30 * time.Minute} }
