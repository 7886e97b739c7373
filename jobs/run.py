"""``spark-submit jobs/run.py TABLE --from D --to D --conf conf/prod.yaml``: `gridlake build` on any master.

So do the other commands that need Spark: ``spark-submit jobs/run.py ingest drop --conf conf/prod.yaml``.
"""

import sys
from pathlib import Path

# Python puts a script's folder first where it looks for modules: there, jobs/build.py would stand for any ``build``.
sys.path[:] = [one for one in sys.path if Path(one).resolve() != Path(__file__).resolve().parent]

from jobs.cli import main  # noqa: E402

COMMANDS = ("ingest", "build", "release", "train", "score", "forecast", "runs", "report")

if __name__ == "__main__":
    arguments = sys.argv[1:]
    main(arguments if arguments[:1] and arguments[0] in COMMANDS else ["build", *arguments])
