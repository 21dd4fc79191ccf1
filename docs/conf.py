"""Sphinx's settings. The site works without a network: no font, script or index is fetched."""

project = "varstar"
author = "The varstar developers"
copyright = author
extensions = ["myst_nb", "sphinx.ext.autodoc", "numpydoc", "sphinx_copybutton", "sphinx_design"]
html_theme = "pydata_sphinx_theme"
html_title = "varstar"
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "icon_links": [],
}
html_show_sourcelink = False
nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
numpydoc_show_class_members = False
# Formulas are drawn by the browser's own MathML.
myst_dmath_double_inline = True
html_math_renderer = "mathml"
suppress_warnings = ["myst.header", "mystnb.unknown_mime_type"]
exclude_patterns = ["docs/package.md"]


def setup(app: object) -> None:
    """Formulas become MathML while the site is built: browsers draw it, nothing is loaded."""
    from docutils import nodes
    from latex2mathml.converter import convert

    def drawn(translator: object, node: object) -> None:
        block = isinstance(node, nodes.math_block)
        text = convert(node.astext(), display="block" if block else "inline")
        translator.body.append(f'<div class="math">{text}</div>' if block else text)
        raise nodes.SkipNode

    app.add_html_math_renderer("mathml", (drawn, None), (drawn, None))
