#!/usr/bin/env bash
# Tests of the DAGs in Airflow's environment, over a lake made anew: test.sh [DROP FOLDER]
set -euo pipefail
cd "$(dirname "$0")/../.."
folder=$PWD/build/airflow/test
rm -rf "$folder"
mkdir -p "$folder/home"
export AIRFLOW_HOME=$folder/home GRIDLAKE_LAKE=$folder/lake GRIDLAKE_REPORT=$folder/report
if [ -n "${1:-}" ]; then GRIDLAKE_DROP=$(realpath "$1"); export GRIDLAKE_DROP; fi
source airflow_dags/local/env.sh
source airflow_dags/local/sample.sh
airflow db migrate >"$folder/migrate.log" 2>&1 || { tail -n 20 "$folder/migrate.log"; exit 1; }
exec build/airflow/.venv/bin/python -m pytest -c /dev/null --rootdir airflow_dags -p no:cacheprovider airflow_dags/tests
