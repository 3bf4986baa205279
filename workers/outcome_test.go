package workers

import (
	"testing"
	"time"

	"github.com/jingban/jingban/casework"
)

func TestWaitGrowsAndObeysTheFault(t *testing.T) {
	for _, tc := range []struct {
		name    string
		fault   *casework.Fault
		attempt int
		want    time.Duration
	}{
		{"first", casework.Retry("timeout", "x"), 1, 2 * time.Second},
		{"third", casework.Retry("timeout", "x"), 3, 8 * time.Second},
		{"bounded", casework.Retry("timeout", "x"), 50, 5 * time.Minute},
		{"as asked", &casework.Fault{Kind: casework.Transient, Code: "settling", After: time.Hour}, 1, time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := wait(tc.fault, tc.attempt); got != tc.want {
				t.Errorf("wait = %v, want %v", got, tc.want)
			}
		})
	}
}
