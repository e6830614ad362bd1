"""A list of offices that has what such lists have, and its way to the dry run."""

from __future__ import annotations

from flask.testing import FlaskClient

LIST = (
    "country,first_name,last_name,email,party,phone,office,committees,gender\n"
    "se,Zoë,ÅNGSTRÖM,zoe@parliament.example.org,Greens,003222845022,06M071,INTA|LIBE,\n"
    "fr,Anaïs,D'ARC,anais@parliament.example.org,Liberals,,04M081,LIBE,f\n"
    "fr,Bo,LI,no address,Liberals,,,,m\n"
    "Atlantis,Ada,OKORO,ada@parliament.example.org,,,,BUDG,\n"
    "fr,Anaïs,D'ARC,Anais@Parliament.example.org,Liberals,,,FISC,f\n"
)
COLUMNS = {
    f"columns-{index}": field
    for index, field in enumerate(
        ["country", "first_name", "last_name", "email", "party", "notes", "notes", "committee", "gender"]
    )
}
WHOSE = {"institution": "", "name": "Parliament of the Federation", "country": "", "language": "en", "group": ""}
START = "/desk/institutions/lists"


def paste(desk: FlaskClient, text: str = LIST) -> str:
    answer = desk.post(START, data={"pasted": text})
    assert answer.status_code == 303, answer.text
    return answer.location.removesuffix("/columns")


def mapped(desk: FlaskClient, text: str = LIST, columns: dict[str, str] | None = None, **whose: str) -> str:
    url = paste(desk, text)
    answer = desk.post(f"{url}/columns", data={**(columns or COLUMNS), **WHOSE, **whose})
    assert answer.status_code == 303, answer.text
    return url
