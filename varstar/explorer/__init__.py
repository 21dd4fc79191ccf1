"""Look at stars in JupyterLab: `varstar.explore`.

`state` knows what is selected, excluded and written down, without a widget; `figures` draws
with plotly; `app` puts both on the screen.
"""
