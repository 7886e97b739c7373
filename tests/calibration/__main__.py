"""``python -m tests.calibration``: the ratios of `high` and `low` derived again, and the origins of all thresholds."""

from rich.console import Console
from rich.table import Table

from jobs.settings import read_settings
from tests.calibration.origins import ORIGINS
from tests.calibration.usual_ratios import NAMED_AT_MOST, clean_days


def main() -> None:
    ratios = Table("class", "threshold", "clean days", "allowed", "derived", "configured", "named", title="Derived")
    settings = read_settings().validation
    for (customer_class, name), days in clean_days().items():
        configured = float(getattr(settings.classes[customer_class], name))
        ratios.add_row(
            customer_class,
            name,
            f"{days.judged:,}",
            f"{NAMED_AT_MOST[days.part.rule]:.2%}",
            "too few days" if days.derived is None else f"{days.derived:g}",
            f"{configured:g}",
            f"{days.named(configured):.3%}",
        )
    others = Table("threshold", "origin", "what", title="Not derived")
    for name, (kind, what) in ORIGINS.items():
        others.add_row(name, kind, what)
    console = Console(width=140)
    console.print(ratios)
    console.print(others)


if __name__ == "__main__":
    main()
