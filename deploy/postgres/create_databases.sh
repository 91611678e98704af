#!/bin/sh
# First start only: three databases, each with an owner of its own. The warehouse's
# owner may create roles, because the migrations create the readers' roles.
set -eu
create() {
    psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set name="$1" --set password="$2" <<'SQL'
create role :"name" login password :'password';
create database :"name" owner :"name" template template0 encoding 'UTF8';
SQL
}
create ledgerline "$WAREHOUSE_PASSWORD"
create airflow "$AIRFLOW_DATABASE_PASSWORD"
create erp "$ERP_DATABASE_PASSWORD"
psql --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --command 'alter role ledgerline createrole' \
    --command 'revoke connect on database airflow, erp from public'
