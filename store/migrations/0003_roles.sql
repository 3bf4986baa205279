-- +goose Up
-- What each role may do. The code asks for permissions only; an agency changes
-- these rows. The administrator keeps the system and decides no case
-- (separation of duties).
INSERT INTO role_permissions (role, permission) VALUES
    ('clerk', 'case.read'),
    ('clerk', 'case.create'),
    ('clerk', 'case.submit'),
    ('clerk', 'case.cancel'),
    ('clerk', 'reveal'),
    ('clerk', 'review.read'),
    ('clerk', 'review.decide'),
    ('clerk', 'run.read');
INSERT INTO role_permissions (role, permission) VALUES
    ('operator', 'case.read'),
    ('operator', 'case.create'),
    ('operator', 'case.submit'),
    ('operator', 'case.cancel'),
    ('operator', 'reveal'),
    ('operator', 'review.read'),
    ('operator', 'review.decide'),
    ('operator', 'run.read'),
    ('operator', 'run.retry'),
    ('operator', 'run.withdraw'),
    ('operator', 'numbers.read');
INSERT INTO role_permissions (role, permission) VALUES
    ('manager', 'case.read'),
    ('manager', 'review.read'),
    ('manager', 'run.read'),
    ('manager', 'numbers.read');
INSERT INTO role_permissions (role, permission) VALUES
    ('admin', 'case.read'),
    ('admin', 'review.read'),
    ('admin', 'run.read'),
    ('admin', 'numbers.read'),
    ('admin', 'vault.write');
INSERT INTO role_permissions (role, permission) VALUES
    ('portal', 'case.read'),
    ('portal', 'case.create'),
    ('portal', 'case.submit'),
    ('portal', 'case.cancel');
