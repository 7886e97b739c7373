# To be sourced from the repository's root: Airflow on this machine alone, over the lake of a tiny sample utility.
# A deployment of yours sets the same in its own way: docs/airflow.md.
root=$PWD
local_airflow=$root/build/airflow

export AIRFLOW_HOME=${AIRFLOW_HOME:-$local_airflow/home}
export AIRFLOW__CORE__DAGS_FOLDER=$root/airflow_dags
export AIRFLOW__CORE__LOAD_EXAMPLES=False
export AIRFLOW__CORE__PARALLELISM=4
export AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS=True # no passwords: it listens on the loopback only
export AIRFLOW__API__HOST=127.0.0.1
export AIRFLOW__API__PORT=${PORT:-8080}
export AIRFLOW__CORE__EXECUTION_API_SERVER_URL=http://127.0.0.1:${PORT:-8080}/execution/
export AIRFLOW__USAGE_DATA_COLLECTION__ENABLED=False

export AIRFLOW_CONN_SPARK_DEFAULT='{"conn_type": "spark", "host": "local[2]"}'
export AIRFLOW_VAR_GRIDLAKE_HOME=$root
export AIRFLOW_VAR_GRIDLAKE_LAKE=${GRIDLAKE_LAKE:-$local_airflow/lake}
export AIRFLOW_VAR_GRIDLAKE_DROP=${GRIDLAKE_DROP:-$local_airflow/drop}
export AIRFLOW_VAR_GRIDLAKE_CONF=$root/conf/small.yaml
export AIRFLOW_VAR_GRIDLAKE_REPORT=${GRIDLAKE_REPORT:-$local_airflow/report}

# spark-submit is gridlake's: its pyspark has Delta's JARs, Airflow's pyspark-client has no Spark at all.
export PATH=$root/.venv/bin:$local_airflow/.venv/bin:$PATH
export PYSPARK_PYTHON=$root/.venv/bin/python PYSPARK_DRIVER_PYTHON=$root/.venv/bin/python
export SPARK_CONF_DIR=$root/airflow_dags/local
export SPARK_SUBMIT_OPTS=-Dlog4j2.configurationFile=$root/conf/log4j2.properties
export SPARK_LOCAL_IP=127.0.0.1
unset SPARK_HOME
