package tasks

import "time"

// WorkRun asks for an admitted run to be carried on; its subject is the run's
// id. The runner's own deadlines per step end it long before the timeout.
const WorkRun = "work_run"

func workRun() kind { return kind{queue: QueueRuns, timeout: 2 * time.Hour} }
