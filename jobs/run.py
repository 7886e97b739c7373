"""``spark-submit jobs/run.py TABLE --from D --to D --conf conf/prod.yaml``: `gridlake build` on any master."""

import sys
from pathlib import Path

# Python puts a script's folder first where it looks for modules: there, jobs/build.py would stand for any ``build``.
sys.path[:] = [one for one in sys.path if Path(one).resolve() != Path(__file__).resolve().parent]

from jobs.cli import main  # noqa: E402

if __name__ == "__main__":
    main(["build", *sys.argv[1:]])
