-- Run once by the superuser (install.sh does): the two logins that "street prepare" cannot make for itself.
--   psql -v owner_password=… -v backup_password=… -f roles.sql
-- cm_owner, the scope roles, cm_login and cm_guest_login are made by "street prepare" with the owner's login.
\set ON_ERROR_STOP on
-- A statement that fails must not leave a password in the log.
SET log_min_error_statement = panic;
SET log_min_duration_statement = -1;

SELECT format('CREATE ROLE yiqilai_owner LOGIN CREATEROLE CREATEDB NOSUPERUSER NOBYPASSRLS')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'yiqilai_owner') \gexec
SELECT format('CREATE ROLE cm_backup LOGIN BYPASSRLS NOSUPERUSER NOCREATEROLE NOCREATEDB')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'cm_backup') \gexec

ALTER ROLE yiqilai_owner PASSWORD :'owner_password';
ALTER ROLE cm_backup PASSWORD :'backup_password';
ALTER ROLE cm_backup SET default_transaction_read_only = on;
GRANT pg_read_all_data TO cm_backup;
