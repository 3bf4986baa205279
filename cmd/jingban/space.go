package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jingban/jingban/store"
)

// fullSoon is how long before the disk is full an operator is told: buying and
// fitting one takes an agency a month.
const fullSoon = 30 * 24 * time.Hour

func soonFull(s store.Storage) bool {
	return s.Left > 0 && s.Left < fullSoon || s.Total > 0 && s.Free < s.Total/50
}

// space says how many days are left until the files fill their disk.
func space(ctx context.Context, cfg *Config) symptom {
	s := symptom{part: "storage", advice: advice{"清出或扩大证据所在的磁盘，或缩短 evidence.page_days；归档类不要缩短",
		"free or enlarge the disk, or shorten evidence.page_days; never the archive's"}}
	if _, err := os.Stat((&folder{path: cfg.Data}).at("jingban.db")); err != nil && !cfg.shared() {
		s.detail = "nothing kept yet"
		return s
	}
	h, err := openBooks(ctx, cfg, io.Discard)
	if err != nil {
		s.err = err
		return s
	}
	defer h.Close()
	left, err := h.store.Storage(ctx)
	s.err, s.warn, s.detail = err, soonFull(left), console{}.storage(left)
	return s
}

// storage is one line about room and pace.
func (t console) storage(s store.Storage) string {
	text := fmt.Sprintf(t.say("剩余 %s", "%s free"), size(s.Free))
	if s.Left > 0 {
		text += fmt.Sprintf(t.say("，每天增加 %s，约 %d 天后写满", ", %s a day, full in about %d days"), size(s.PerDay), int(s.Left.Hours()/24))
	}
	if s.PerCase > 0 {
		text += fmt.Sprintf(t.say("；每件证据中位数 %s", "; median evidence of a case %s"), size(s.PerCase))
	}
	return text
}

// size is a number of bytes for people.
func size(n int64) string {
	for _, unit := range []struct {
		bytes int64
		name  string
	}{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "KB"}} {
		if n >= unit.bytes {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.bytes), unit.name)
		}
	}
	return fmt.Sprintf("%d B", n)
}
