-- +goose Up

-- Lists of runs show counts by playbook and target: the index that counts states
-- holds these, too, so that no run's row, with its sealed snapshot, is read.
DROP INDEX runs_state;
CREATE INDEX runs_state ON runs (state, admitted, playbook, target);
