-- +goose Up
-- Playbooks ask a reviewer (复核员) about what one clerk must not decide alone: a
-- refusal, months that count twice. A role of its own, so that it is another account.
INSERT INTO role_permissions (role, permission) VALUES
    ('reviewer', 'case.read'),
    ('reviewer', 'reveal'),
    ('reviewer', 'review.read'),
    ('reviewer', 'review.decide'),
    ('reviewer', 'run.read'),
    ('reviewer', 'alert.read'),
    ('reviewer', 'alert.acknowledge');
