"""Follows every link within a built site: links.py FOLDER

Finds links that lead nowhere, and what a page would fetch from another server. Links to other sites are only counted.
"""
import collections
import html.parser
import pathlib
import re
import sys
import urllib.parse

FETCHED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
FOLLOWED_RELS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "preconnect", "dns-prefetch"}


class Page(html.parser.HTMLParser):
    def __init__(self, file):
        super().__init__()
        self.anchors, self.links, self.fetched = set(), [], []
        self.feed(file.read_text())

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.update(value for name, value in attributes if name == "id" or tag == "a" and name == "name")
        if tag == "a" and given.get("href"):
            self.links.append(given["href"])
        if tag == "link" and FOLLOWED_RELS & set(given.get("rel", "").split()):
            self.fetched.append(given["href"])
        if given.get(FETCHED.get(tag)):
            self.fetched.append(given[FETCHED[tag]])


def elsewhere(url):
    return bool(re.match(r"(?i)[a-z][a-z0-9+.-]*:|//", url)) and not url.startswith("data:")


def findings(site, pages, count):
    for file, page in pages.items():
        for url in page.fetched:
            if elsewhere(url):
                yield f"{file}: fetches {url}"
        for url in page.links + page.fetched:
            if elsewhere(url) or url.startswith("data:"):
                count["to other sites"] += 1
                continue
            count["within"] += 1
            path, _, anchor = url.partition("#")
            path = urllib.parse.unquote(path.partition("?")[0])
            to = (site / file.parent / path).resolve() if path else site / file
            if not to.is_file():
                yield f"{file}: {url}: no such file"
            elif anchor and to.suffix == ".html" and urllib.parse.unquote(anchor) not in pages[to.relative_to(site)].anchors:
                yield f"{file}: {url}: no such place"
    for file in site.rglob("*.css"):
        for url in re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", file.read_text()):
            if elsewhere("".join(url)):
                yield f"{file.relative_to(site)}: fetches {''.join(url)}"


def main(site):
    pages = {file.relative_to(site): Page(file) for file in sorted(site.rglob("*.html"))}
    count = collections.Counter()
    wrong = list(findings(site, pages, count))
    for finding in wrong:
        print(finding, file=sys.stderr)
    print(f"site: {len(pages)} pages, {count['within']} links within it hold, {count['to other sites']} lead elsewhere")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
