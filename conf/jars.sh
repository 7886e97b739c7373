#!/usr/bin/env bash
# Copy the Delta JARs that jars.xml names into the PySpark of an environment: `conf/jars.sh env`. Safe to run again.
set -euo pipefail
jars=$("$1/bin/python" -c 'import importlib.util as u; print(u.find_spec("pyspark").submodule_search_locations[0] + "/jars")')
if ! ls "$jars"/delta-spark_*.jar >/dev/null 2>&1; then
  echo "fetching the Delta JARs"
  mvn -q -B -f "$(dirname "$0")/jars.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    -DoutputDirectory="$jars" -DincludeGroupIds=io.delta,io.unitycatalog
fi
