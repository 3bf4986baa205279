package tasks

import "time"

// ReadMaterial asks for one uploaded file to be read; its subject is the
// material's id.
const ReadMaterial = "read_material"

func readMaterial() kind { return kind{queue: QueueReading, timeout: 10 * time.Minute} }
