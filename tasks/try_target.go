package tasks

import "time"

// TryTarget asks for a look at a target before the day's first run; its subject
// is the target's name.
const TryTarget = "try_target"

func tryTarget() kind { return kind{queue: QueueRuns, timeout: 5 * time.Minute} }
