#!/usr/bin/env bash
# The measurements under docs/proofs, one row a command. A row whose JSON is of
# this commit or a newer one is skipped, so an interrupted proof goes on where it
# stopped (a report that names no commit is made anew); FORCE=1 runs all, names as arguments run only those.
#
#   scripts/proof.sh                       every row that is not proved yet
#   scripts/proof.sh drill_sqlite_2          this row, if it is not proved yet
#   FORCE=1 scripts/proof.sh drill_sqlite_2  this row in any case
set -uo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse --short=12 HEAD)
jingban=bin/jingban
proofs=docs/proofs
mkdir -p "$proofs"

# name | command; {json} is where the report goes, {commit} what it is of
rows() {
  cat <<'ROWS'
transfers                | $jingban bench transfers --transfers 100 --claims 200 --faults 30 --seed 2 --commit {commit} --json > {json}
claims                   | $jingban bench claims --claims 24 --seats 1,3 --seed 2 --commit {commit} --json > {json}
engine_sqlite            | $jingban bench engine --db sqlite   --seed 2 --json > {json}
engine_postgres          | $jingban bench engine --db postgres --seed 2 --json > {json}
reconcile                | $jingban bench reconcile --rows 1000000 --seed 2 --commit {commit} --json > {json}
reconcile_held_back      | $jingban bench reconcile --rows 1000000 --seed 3 --books held-back --no-sql --commit {commit} --json > {json}
reconcile_second         | $jingban bench reconcile --rows 1000000 --seed 4 --books second --no-sql --commit {commit} --json > {json}
reconcile_10m            | $jingban bench reconcile --rows 10000000 --seed 2 --no-sql --commit {commit} --json > {json}
ocr                      | $jingban bench ocr --pages 1008 --seed 2 --every 4 --workers 2 --steady 500 --journal "${TMPDIR:-/tmp}/jingban-ocr-{commit}.jsonl" --commit {commit} --json {json}
ocr_scaling              | $jingban bench ocr --pages 72 --seed 2 --every 0 --intake --scaling 48 --commit {commit} --json {json}
materials                | $jingban bench materials --cases 400 --seed 79 --journal "${TMPDIR:-/tmp}/jingban-materials-{commit}.jsonl" --commit {commit} --json > {json}
materials_rules          | $jingban bench materials --cases 400 --seed 80 --no-ocr --commit {commit} --json > {json}
link                     | $jingban bench link --persons 1000000 --growth --english --seed 2 --json > {json}
merge                    | $jingban bench merge --merges 100 --seed 2 --commit {commit} --json > {json}
browser                  | playwright && $jingban bench browser --part forms --part throughput --playwright "$playwright" --seed 2 --commit {commit} --json > {json}
browser_memory           | $jingban bench browser --part memory --seed 2 --commit {commit} --json > {json}
browser_drift            | $jingban bench browser --part drift --seed 2 --commit {commit} --json > {json}
browser_sight            | $jingban bench browser --part sight --seed 2 --commit {commit} --json > {json}
drill_control_sqlite     | $jingban drill --db sqlite   --faults 0   --runs 30 --seed 2 --commit {commit} --json {json}
drill_control_postgres   | $jingban drill --db postgres --faults 0   --runs 30 --seed 2 --workers 3 --commit {commit} --json {json}
drill_unguarded_sqlite   | $jingban drill --db sqlite   --faults 10  --seed 2 --unguarded --commit {commit} --json {json}
drill_unguarded_postgres | $jingban drill --db postgres --faults 10  --seed 2 --workers 3 --unguarded --commit {commit} --json {json}
drill_postgres           | $jingban drill --db postgres --faults 500 --seed 2 --workers 3 --commit {commit} --json {json}
drill_sqlite_2           | $jingban drill --db sqlite   --faults 167 --seed 2 --commit {commit} --json {json}
drill_sqlite_3           | $jingban drill --db sqlite   --faults 167 --seed 3 --commit {commit} --json {json}
drill_sqlite_4           | $jingban drill --db sqlite   --faults 167 --seed 4 --commit {commit} --json {json}
ROWS
}

# playwright installs what the browser is compared with, once; it drives the same Chromium.
playwright="${TMPDIR:-/tmp}/jingban-playwright"
playwright() {
  [ -d "$playwright/node_modules/playwright-core" ] || npm install --silent --no-audit --no-fund --prefix "$playwright" playwright-core
}

# proved says that a report is of this commit or of one that follows it.
proved() {
  local of
  [ -f "$1" ] || return 1
  of=$(sed -n 's/^ *"commit": *"\([0-9a-f]*\)".*/\1/p' "$1" | head -1)
  [ -n "$of" ] && git merge-base --is-ancestor "$commit" "$of" 2>/dev/null
}

wanted() {
  local name=$1; shift
  [ $# -eq 0 ] && return 0
  local w
  for w in "$@"; do [ "$w" = "$name" ] && return 0; done
  return 1
}

failed=0
while IFS='|' read -r name command; do
  name=${name// /}
  [ -n "$name" ] && wanted "$name" "$@" || continue
  json="$proofs/$name.json"
  if [ -z "${FORCE:-}" ] && proved "$json"; then
    echo "== $name: proved"
    continue
  fi
  command=${command//\{json\}/$json.new}
  command=${command//\{commit\}/$commit}
  command=${command//\$jingban/$jingban}
  echo "== $name:$command"
  rm -f "$json.new"
  if eval "$command" </dev/null; then
    mv "$json.new" "$json"
  else
    echo "== $name: FAILED" >&2
    [ -f "$json.new" ] && mv "$json.new" "$json.failed"
    failed=1
  fi
done < <(rows)
exit $failed
