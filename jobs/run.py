"""``spark-submit jobs/run.py TABLE --from D --to D --conf conf/prod.yaml``: `gridlake build` on any master."""

import sys

from jobs.cli import main

if __name__ == "__main__":
    main(["build", *sys.argv[1:]])
