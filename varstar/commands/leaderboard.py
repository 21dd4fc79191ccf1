"""``varstar leaderboard``: docs/leaderboard.md (notebook 06's tables), docs/any.md (a card)."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar leaderboard``."""
    parser.add_argument("--check", action="store_true", help="only say whether it is current")


def main(options: argparse.Namespace) -> int:
    """Write the page from the committed tables, each checked for what it was made with."""
    from varstar import paths
    from varstar.papers.any import page
    from varstar.papers.head import leaderboard

    if options.check:
        path = paths.project() / "docs" / "leaderboard.md"
        current = path.is_file() and path.read_text("utf-8") == leaderboard.page(
            leaderboard.tables()
        )
        print("current" if current else f"not current: {path.name}")
        return int(not current)
    page.write()
    print("\n".join(map(str, leaderboard.write())) or "nothing changed")
    return 0
