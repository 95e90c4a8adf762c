"""Sphinx's settings for the course's website. `make site` runs it; see scripts/make_site.py."""

import sys
from pathlib import Path

from docutils import nodes
from myst_nb.core.render import NbElementRenderer

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from make_site import SOURCE, web_address

project = "How does a neural network really work?"
author = "the course's authors"
language = "en"
extensions = ["myst_nb", "sphinx_copybutton", "sphinx-mathjax-offline", "sphinxext.opengraph"]
include_patterns = ["index.md", "CONTRIBUTING.md", "data/README.md", "docs/*.md", "notebooks/*.ipynb"]
include_patterns += ["mnistlib/pretrained/MODEL_CARD.md"]

nb_execution_mode = "off"  # the pages show what the notebooks have stored
nb_merge_streams = True
# A widget has no kernel here: show the picture or the sentence that is stored beside it.
nb_mime_priority_overrides = [("html", "application/vnd.jupyter.widget-view+json", None)]
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
# Its menu would load further files from wherever MathJax lies; there are none.
mathjax3_config = {"options": {"enableMenu": False}}

html_theme = "furo"
html_title = project
html_show_copyright = False
html_favicon = "static/icon.svg"
html_use_index = False
html_show_sourcelink = False
html_scaled_image_link = False
html_copy_source = False
html_static_path = ["static", str(SOURCE / "_static")]
html_extra_path = ["404.html"]
html_css_files = ["sketchpad.css", "words.css", "site.css"]
html_js_files = [(name, {"type": "module"}) for name in ("live-pad.js", "live-explore.js")]
pygments_dark_style = "github-dark"
copybutton_prompt_text = ">>> "

html_baseurl = web_address()  # "" as long as it is not known
ogp_site_url = html_baseurl or "/"
ogp_image = f"{html_baseurl}_static/social.png" if html_baseurl else None
ogp_social_cards = {"enable": False}
ogp_enable_meta_description = True


def setup(app):
    """myst-nb 1.4 passes on an output's width and height, but not its alternative text."""
    without_alt = NbElementRenderer.render_image

    def render_image(self, data):
        made = without_alt(self, data)
        alt = data.output_metadata.get(data.mime_type, {}).get("alt")
        for image in (image for node in made for image in node.findall(nodes.image)):
            image["alt"] = alt or ""
        return made

    NbElementRenderer.render_image = render_image
