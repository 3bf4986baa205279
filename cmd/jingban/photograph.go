package main

import (
	"context"
	"fmt"
	"os"

	"github.com/jingban/jingban/casework"
	"github.com/jingban/jingban/playbooks"
)

// ourPages describes Jingban's own pages the way a legacy system is described,
// so that its own robot can visit them.
func ourPages() playbooks.System {
	return playbooks.System{
		Name: "jingban", Seats: 1,
		SignIn: playbooks.SignIn{
			Open:  "/signin",
			Fill:  map[string]string{"账号": "account", "密码": "password"},
			Click: playbooks.Locator{Button: "登录"},
			Done:  "待办",
		},
	}
}

// takePicture saves a screenshot of the clerk's inbox, taken by our own robot.
func (s *show) takePicture(ctx context.Context) error {
	access := playbooks.Access{URL: s.base, Account: s.people[0][0], Password: s.people[0][2]}
	page, err := s.house.browsing.Seat(ctx, ourPages(), access, 1)
	if err != nil {
		return fmt.Errorf("picture of the inbox: %w", err)
	}
	defer page.Close()
	if _, err := page.Do(ctx, playbooks.Act{Verb: playbooks.Open, Menu: []string{"待办"}}); err != nil {
		return fmt.Errorf("picture of the inbox: %w", err)
	}
	shots, err := page.Shoot(ctx, "inbox")
	if err != nil {
		return fmt.Errorf("picture of the inbox: %w", err)
	}
	for _, shot := range shots {
		if shot.Kind == casework.Screenshot {
			return os.WriteFile(s.picture, shot.Data, 0o644)
		}
	}
	return fmt.Errorf("picture of the inbox: the page gave none")
}
