#!/usr/bin/env bash
# Airflow on this machine over a tiny sample: opens on a daily run of the sample's first day. Ctrl-C stops all of it.
set -euo pipefail
cd "$(dirname "$0")/../.."
source airflow_dags/local/env.sh
source airflow_dags/local/sample.sh
mkdir -p "$AIRFLOW_HOME"
airflow db migrate >"$AIRFLOW_HOME/migrate.log" 2>&1 || { tail -n 20 "$AIRFLOW_HOME/migrate.log"; exit 1; }
airflow pools set gridlake 2 "Builds of one lake side by side" >/dev/null
airflow dags reserialize >/dev/null
airflow dags unpause gridlake_daily --yes >/dev/null
airflow dags trigger gridlake_daily --run-id first_sample_day --logical-date 2016-01-02T06:00:00+00:00 >/dev/null 2>&1 ||
  echo "the run of the first sample day is there from an earlier start"
echo "open http://127.0.0.1:${PORT:-8080}/dags/gridlake_daily (everyone is admin: it listens on the loopback only)"
exec airflow standalone
