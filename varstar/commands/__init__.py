"""The command line, a file a command.

A command's module has ``add_arguments(parser)`` and ``main(options)``, which returns the
exit status. It is imported when its command is asked for, not before.
"""

#: command -> (its module, what it does)
COMMANDS = {
    "classify": ("varstar.commands.classify", "light-curve files in, a table of classes out"),
    "inspect": ("varstar.commands.inspect", "how a light-curve file is read, column by column"),
    "plot": ("varstar.commands.plot", "a star on one page: light curve, periodogram, folded"),
    "explore": ("varstar.commands.explore", "look at the stars of files in JupyterLab"),
    "models": ("varstar.commands.models", "the trained models, and what each is good for"),
    "data": ("varstar.datasets.command", "which surveys are here, and how to get the others"),
    "reproduce": ("varstar.commands.reproduce", "run what is not up to date of a profile"),
    "verify": ("varstar.commands.verify", "compare what was reproduced with the clone's figures"),
    "publish": ("varstar.commands.publish", "put what was reproduced in the clone's figures"),
    "run": ("varstar.commands.run", "run one notebook, strictly"),
    "update": ("varstar.commands.update", "store the outputs that the tests compare"),
    "gallery": ("varstar.commands.gallery", "remake the gallery and the README's tables"),
    "leaderboard": ("varstar.commands.leaderboard", "docs/leaderboard.md, from notebook 06"),
    "train": ("varstar.commands.train", "make a shipped model anew, from its real survey"),
}
