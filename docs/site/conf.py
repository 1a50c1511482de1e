"""How Sphinx builds the site. docs/build runs it."""
import pathlib
import re

ROOT = pathlib.Path(__file__).parents[2]

project = "Sluice"
release = re.search(r"^  <version>(.*)</version>", (ROOT / "pom.xml").read_text(), re.MULTILINE)[1]
html_title = f"Sluice {release}"

extensions = ["myst_parser"]
myst_heading_anchors = 6
# Two dashes are an option, not a dash.
smartquotes = False

# Blocks without a language are for a shell; what is left out of one is an ellipsis, which no lexer knows.
highlight_language = "sh"
suppress_warnings = ["misc.highlighting_failure"]
pygments_style = "friendly"
pygments_dark_style = "github-dark"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_copyright = False
html_copy_source = False
html_theme_options = {"top_of_page_buttons": []}
