"""``varstar leaderboard``: docs/leaderboard.md (notebook 06's tables), docs/any.md (a card)."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar leaderboard``: none."""


def main(options: argparse.Namespace) -> int:
    """Write the pages from the committed tables and the card, each checked for its making."""
    from varstar.papers.any import page
    from varstar.papers.head import leaderboard

    page.write()
    print("\n".join(map(str, leaderboard.write())) or "nothing changed")
    return 0
