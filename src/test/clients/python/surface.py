"""The routes that the installed openai knows: one JSON object with its version and a list of "METHOD /path/{}"."""

import ast
import json
import pathlib
import re

import openai

VERBS = {"_get": "GET", "_post": "POST", "_delete": "DELETE", "_put": "PUT", "_patch": "PATCH", "_get_api_list": "GET"}


def text(node):
    """A path as it stands in the source, with {} for what is filled in; None for anything else."""
    if isinstance(node, ast.Call) and node.args:
        return text(node.args[0])
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value if isinstance(each, ast.Constant) else "{}" for each in node.values)
    value = node.value if isinstance(node, ast.Constant) else None
    value = value.decode() if isinstance(value, bytes) else value
    return re.sub(r"{[^}]*}", "{}", value) if isinstance(value, str) and value.startswith("/") else None


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS and node.args:
            method = [each.value.value.upper() for each in node.keywords if each.arg == "method"]
            path = text(node.args[0])
            if path:
                yield f"{(method or [VERBS[node.func.attr]])[0]} {path}"


def sockets(tree):
    """The address of a WebSocket is put together in a method of its own."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "_prepare_url":
            paths = {text(each) for each in ast.walk(node)} - {None, "/"}
            yield from (f"WEBSOCKET {path}" for path in paths)


def routes():
    for file in pathlib.Path(openai.__file__).parent.joinpath("resources").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        yield from calls(tree)
        yield from sockets(tree)


print(json.dumps({"version": openai.__version__, "routes": sorted(set(routes()))}))
