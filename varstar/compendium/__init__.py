"""The machinery of the compendium: cached steps, provenance, notebooks run and judged."""
