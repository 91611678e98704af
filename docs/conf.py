"""How Sphinx makes the documentation site of these pages: `make docs`."""

project = "Ledgerline"
copyright = "the Ledgerline developers, Apache-2.0"

extensions = ["myst_parser"]
exclude_patterns = ["**/*.py"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]

html_theme = "furo"
html_title = "Ledgerline"
html_static_path = ["static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0b5c5a",
        "color-brand-content": "#0b5c5a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fd1c7",
        "color-brand-content": "#7fd1c7",
    },
}
