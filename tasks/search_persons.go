package tasks

import "time"

// SearchPersons asks for an ordered search of an export of the insured; its
// subject is the search's id.
const SearchPersons = "search_persons"

func searchPersons() kind { return kind{queue: QueueReading, timeout: 2 * time.Hour} }
