package store

import (
	"context"
	"time"

	"golang.org/x/sys/unix"
)

// Storage says how full the folder of files is and how fast it fills.
type Storage struct {
	Free, Total int64         // bytes of the file system that holds the files
	PerDay      int64         // bytes kept a day, over the last 14 days or since the first file
	Left        time.Duration // until it is full at that pace; 0 when nothing comes in
	PerCase     int64         // median bytes of evidence of a run that is over, of the last 200
}

// storageDays is how far back the pace is measured: two weeks hold the same
// working days as any other two.
const storageDays = 14

// Storage measures the disk and what came in.
func (s *Store) Storage(ctx context.Context) (Storage, error) {
	var disk unix.Statfs_t
	if err := unix.Statfs(s.cfg.Files, &disk); err != nil {
		return Storage{}, explain("measure the files folder", err)
	}
	out := Storage{Free: int64(disk.Bavail) * disk.Bsize, Total: int64(disk.Blocks) * disk.Bsize}
	now := s.cfg.Now()
	type pace struct{ bytes, first int64 }
	in, err := one(ctx, s.reader, func(r row) (p pace, err error) { return p, r.Scan(&p.bytes, &p.first) }, `SELECT
		(SELECT COALESCE(SUM(bytes), 0) FROM evidence WHERE class IN ('page', 'archive') AND at >= $1)
		+ (SELECT COALESCE(SUM(bytes), 0) FROM materials WHERE uploaded_at >= $1),
		(SELECT COALESCE(MIN(at), $2) FROM evidence WHERE class IN ('page', 'archive') AND at >= $1)`,
		micros(now.AddDate(0, 0, -storageDays)), micros(now))
	if err != nil {
		return out, explain("measure the files folder", err)
	}
	days := max(1, now.Sub(moment(in.first)).Hours()/24)
	if out.PerDay = int64(float64(in.bytes) / days); out.PerDay > 0 {
		out.Left = time.Duration(min(float64(out.Free)/float64(out.PerDay)*24, 200*365*24)) * time.Hour
	}
	out.PerCase, err = s.medianCase(ctx)
	return out, explain("measure the files folder", err)
}

// medianCase is the median size of what a finished run left behind.
func (s *Store) medianCase(ctx context.Context) (int64, error) {
	sizes, err := list(ctx, s.reader, scalar[int64], `SELECT COALESCE(SUM(e.bytes), 0) AS size FROM
		(SELECT id FROM runs WHERE state = 'done' ORDER BY id DESC LIMIT 200) r JOIN evidence e ON e.run_id = r.id GROUP BY r.id ORDER BY size`)
	if err != nil || len(sizes) == 0 {
		return 0, err
	}
	return sizes[len(sizes)/2], nil
}
