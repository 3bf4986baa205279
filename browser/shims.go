package browser

import (
	"embed"
	"slices"
	"strings"

	"github.com/jingban/jingban/playbooks"
)

//go:embed shims/*.js
var shimFiles embed.FS

// shimScript is what old pages of a system are given back before their own
// scripts run. It runs in the page's own world, so a system that needs none has
// none.
func shimScript(names []string) string {
	var script strings.Builder
	for _, name := range names {
		if !slices.Contains(playbooks.ShimNames(), name) {
			continue
		}
		text, err := shimFiles.ReadFile("shims/" + name + ".js")
		if err != nil {
			continue // a name without a file: a test keeps them equal
		}
		script.WriteString("try {\n" + string(text) + "\n} catch {}\n")
	}
	return script.String()
}
