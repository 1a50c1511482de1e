"""Lays the documents out for Sphinx: stage.py FOLDER

They keep their folders, so that their links hold; a README.md becomes the index of its folder. A file of another kind to
which a document links becomes a page that shows it, and such a folder a list of its files. The navigation is
docs/README.md, which lists the documents by reader.
"""
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).parents[2]
TOP = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
FOLDERS = ["docs", "deploy", "bench"]
INDEX = "docs/README.md"
LINK = re.compile(r"(!?\[[^\]]*\])\(([^)\s]+)\)")
FENCE = re.compile(r"(^ *```.*?^ *```$)", re.MULTILINE | re.DOTALL)
PICTURES = {".svg", ".png"}
LANGUAGES = {".java": "java", ".json": "json", ".py": "python", ".yaml": "yaml", ".yml": "yaml", ".go": "go",
             ".js": "javascript", ".mjs": "javascript", ".conf": "nginx", ".toml": "toml"}


class Site:
    def __init__(self, out):
        self.out = out
        self.shown = set()

    def place(self, file):
        """The page of a document or of anything else, as a path below the site."""
        if file.is_dir():
            return file / "index.md"
        if file.suffix == ".md":
            return file.with_name("index.md") if file.name == "README.md" else file
        return file.with_name(file.name + ".md")

    def write(self, file, text):
        to = self.out / self.place(file).relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)

    def document(self, file, after=""):
        parts = FENCE.split(file.read_text())
        parts[::2] = [LINK.sub(lambda link: self.link(file, link), prose) for prose in parts[::2]]
        orphan = "---\norphan: true\n---\n" if file == ROOT / INDEX else ""
        self.write(file, orphan + "".join(parts) + after)

    def link(self, file, link):
        target, _, anchor = link[2].partition("#")
        if re.match("[a-z]+:", target) or not target:
            return link[0]
        to = (file.parent / target).resolve()
        if to.suffix in PICTURES:
            copy = self.out / to.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(to, copy)
            return link[0]
        if to.is_dir() and (to / "README.md").exists():
            to = to / "README.md"
        if to.suffix != ".md":
            self.show(to)
        return f"{link[1]}({self.between(file, to)}{'#' + anchor if anchor else ''})"

    def between(self, file, to):
        start, end = self.place(file).parent, self.place(to)
        up = 0
        while not end.is_relative_to(start):
            start, up = start.parent, up + 1
        return "../" * up + str(end.relative_to(start))

    def show(self, what):
        """Makes a page of a file, or of a folder and all that is in it."""
        if what in self.shown:
            return
        self.shown.add(what)
        name = what.relative_to(ROOT)
        head = f"---\norphan: true\n---\n# {what.name}\n\n`{name}`\n\n"
        if what.is_dir():
            files = sorted(file for file in what.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
            for file in files:
                if file.suffix != ".md":
                    self.show(file)
            rows = [f"- [{file.relative_to(what)}]({self.between(what / 'index.md', file)})" for file in files]
            self.write(what, head + "\n".join(rows) + "\n")
        else:
            language = "docker" if what.name == "Dockerfile" else LANGUAGES.get(what.suffix, "text")
            self.write(what, f"{head}``````{language}\n{what.read_text()}\n``````\n")

    def navigation(self):
        """A table of contents for each section of the list of documents."""
        for section in re.split(r"^## ", (ROOT / INDEX).read_text(), flags=re.MULTILINE)[1:]:
            caption, _, rest = section.partition("\n")
            rows = []
            for link in LINK.finditer(rest):
                to = (ROOT / INDEX).parent / link[2]
                if "#" not in link[2] and to.suffix == ".md":
                    title = link[1].strip("[]")
                    page = self.place(to.resolve()).relative_to(ROOT).with_suffix("")
                    rows.append(f"{title[0].upper()}{title[1:]} </{page}>")
            yield f"\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "\n".join(rows) + "\n```\n"


def main(out):
    site = Site(out)
    files = [ROOT / name for name in TOP]
    for folder in FOLDERS:
        files += sorted((ROOT / folder).rglob("*.md"))
    for file in files:
        site.document(file, "".join(site.navigation()) if file == ROOT / "README.md" else "")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]).resolve())
