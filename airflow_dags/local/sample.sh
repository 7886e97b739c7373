# To be sourced: a tiny sample utility's drop folder, made once.
if [ ! -d "$AIRFLOW_VAR_GRIDLAKE_DROP" ]; then
  gridlake sample "$AIRFLOW_VAR_GRIDLAKE_DROP" --networks 1 --fleet 300 --from 2016-01-01 --to 2016-01-03
fi
