# SPDX-License-Identifier: GPL-2.0-or-later
"""
html_check.py FILE RUN: what an HTML report must have, for RUN as "thpin repro --json"
wrote it. Prints what is wrong, a line each.
"""

import json
import re
import sys
import xml.etree.ElementTree as tree


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def wrong(source, run):
    if not source.startswith("<!DOCTYPE html>\n"):
        yield "no doctype"
    root = tree.fromstring(source)
    for element in root.iter():
        yield from wrong_element(element)
    if root.get("lang") != "en":
        yield "no lang"
    if not text_of(root.find("head/title")):
        yield "no title"
    yield from wrong_headings(root)
    yield from wrong_losses(root, run)
    style = "".join(one.text for one in root.iter("style"))
    for wanted in ("prefers-color-scheme:dark", "@media print", "@media (max-width"):
        if wanted not in style:
            yield "style without " + wanted
    for url in re.findall(r"url\(([^)]*)\)|@import (\S*)", style):
        target = url[0] or url[1]
        if root.find(f".//*[@id='{target[1:]}']") is None:
            yield "url of what is not in the file: " + target


def wrong_element(element):
    if element.tag in ("script", "iframe", "object", "embed", "link", "img", "base", "form"):
        yield "element " + element.tag
    for name, value in element.attrib.items():
        if name.startswith("on") or name in ("src", "srcset", "action", "data"):
            yield f"attribute {name} of {element.tag}"
        if name == "href" and not value.startswith("#"):
            yield "href " + value
        if name != "style" and re.search(r"(https?:|javascript:|data:)", value) and element.tag != "svg":
            yield f"{name}={value}"
    if element.tag == "th" and not element.get("scope"):
        yield "th without scope: " + text_of(element)
    if element.tag == "svg" and not element.get("aria-hidden"):
        if element.get("role") != "img" or not element.get("aria-label", "").split(":")[-1].strip():
            yield "picture without a text"
    if element.tag == "table" and element.get("class") != "facts" and element.find("caption") is None:
        yield "table without a caption"


def wrong_headings(root):
    levels = [int(one.tag[1]) for one in root.iter() if re.fullmatch("h[1-6]", one.tag)]
    if levels.count(1) != 1 or levels[0] != 1:
        yield "not one first headline"
    if any(after - before > 1 for before, after in zip(levels, levels[1:])):
        yield "a level of headlines is left out"


def pictured(section):
    """Names of the cases that a section is about, or None: it has no two pictures."""
    pictures = section.findall(".//figure/svg")
    if len(pictures) != 2 or any(not one.findall("path") for one in pictures):
        return None
    if section.find("table[@class='lanes']") is None:
        return None
    return re.findall(r"[a-z0-9-]+/[a-z0-9-]+/[a-z0-9-]+", text_of(section))


def wrong_losses(root, run):
    shown, ids = set(), set()
    for section in root.iter("section"):
        ids.add(section.get("id"))
        names = pictured(section)
        if names is None:
            yield "section without pictures and lanes: " + section.get("id")
        shown.update(names or [])
    for case in run["cases"]:
        if case["verdict"] == "out-of-sync" and not case["control"] and case["case"] not in shown:
            yield "no picture of " + case["case"]
    for link in root.iter("a"):
        if link.get("href")[1:] not in ids:
            yield "link to nowhere: " + link.get("href")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        source = file.read()
    with open(sys.argv[2], encoding="utf-8") as file:
        run = json.load(file)
    for line in wrong(source, run):
        print(line)


main()
