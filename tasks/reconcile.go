package tasks

import "time"

// Reconcile asks for an ordered comparison of a fund account; its subject is the
// result's id.
const Reconcile = "reconcile"

func reconcile() kind { return kind{queue: QueueReading, timeout: time.Hour} }
