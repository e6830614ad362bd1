"""The case that shaped the design, retold in our own words: only what its public documents state, nothing invented.

Sources: the joint statement initiated by the Open Dialogue Foundation and Kazakhstani human rights defenders, and Fair
Trials' article on the ruling of 16 December 2025. The court's sentence is quoted with its speaker.
"""

from __future__ import annotations

from datetime import date

from app.demonstration.texts import text

SLUG = "bota-jardemalie"
TITLE = "No legal assistance for persecution: the case of Bota Jardemalie"
SUMMARY = (
    "A lawyer who found asylum in Belgium is pursued there through requests for mutual legal assistance. Human rights "
    "defenders and members of the World Liberty Congress ask Belgium to stop executing them.\n\n"
    "This campaign is a demonstration. It retells a public case; the days of opening, signing and closing are the day "
    "on which the demonstration was loaded. If its appeal is released here, it goes to this demonstration’s mailbox "
    "and not to the ministry."
)

CONVENORS = (
    "Open Dialogue Foundation",
    "Kazakhstani human rights defenders, victims of torture and former political prisoners",
)

# (date, precision, text)
CHRONOLOGY = (
    (date(2013, 1, 1), "year", "Belgium grants Bota Jardemalie political asylum."),
    (
        date(2019, 10, 1),
        "day",
        "Belgian authorities search her home on behalf of Kazakhstan. Kazakh agents are present during the search.",
    ),
    (
        date(2025, 12, 16),
        "day",
        "The Indictments Chamber of the Brussels Court of Appeal finds that the request for mutual legal assistance "
        "was politically motivated.",
    ),
)

INSTITUTION = "Ministry of Justice of Belgium"
INSTITUTION_COUNTRY = "BE"
# Nobody at the ministry is written to, and none of its addresses is known here.
STAND_IN_OFFICE = "Stand-in for the ministry (this demonstration’s mailbox)"
STAND_IN_SALUTATION = "Dear Sir or Madam,"
STAND_IN_EMAIL = "demonstration-mailbox@example.org"

STATEMENT_SLUG = "end-abusive-legal-assistance"
STATEMENT_TITLE = "Belgium should end its cooperation with politically motivated requests against Bota Jardemalie"
STATEMENT_SUMMARY = (
    "We ask the Ministry of Justice of Belgium to stop all cooperation with Kazakhstan’s requests for mutual legal "
    "assistance in the case of Bota Jardemalie, and to reject those that are still open."
)
STATEMENT_BODY = text("case-statement")
STATEMENT_DEMANDS = (
    "End at once any cooperation on requests for mutual legal assistance that concern Bota Jardemalie’s case.",
    "Reject every outstanding request that Kazakhstan has made in relation to her case.",
    "Protect human rights defender Bota Jardemalie, and make sure that authoritarian governments can’t use the Belgian "
    "legal system for repression across borders.",
)
REPORT_TITLE = "Report: the pursuit of Bota Jardemalie"
REPORT = text("case-report")

GROUP = "World Liberty Congress"
# Publicly named co-signatories, only as having signed: (name, credential, country)
SIGNATORIES = (
    ("Oleksandra Matviichuk", "Nobel Peace Prize Laureate 2022", "UA"),
    ("Masih Alinejad", "", "IR"),
    ("Leopoldo Lopez", "", "VE"),
    ("Garry Kasparov", "", "RU"),
    ("Carmen Lau", "", "HK"),
)

OUTCOME_ON = date(2025, 12, 16)
OUTCOME_TITLE = "Court finds the request politically motivated"
OUTCOME_TEXT = (
    "The Indictments Chamber recalled the torture of Ms Jardemalie’s brother during the investigation with which "
    "Belgium was asked to cooperate, her position as a lawyer at risk, and the massive and indiscriminate seizures "
    "that were carried out for Kazakhstan."
)
QUOTATION = (
    "The elements submitted to the court (…) appear sufficient to consider that, in the specific circumstances of the "
    "present case, Ms Jardemalie was or is an established political opponent of the Kazakh regime and could be "
    "subjected to reprisals (…) All these elements (…) converge to demonstrate to a sufficient degree that the "
    "contested seizure was carried out in execution of a request for mutual legal assistance that appears contrary to "
    "legal requirements and dictated by the political opinions of Ms Botagoz Jardemalie"
)
QUOTATION_SPEAKER = "Indictments Chamber of the Brussels Court of Appeal"
SOURCE = "Fair Trials"

UPDATE_TITLE = "Brussels court: the request against Bota Jardemalie was political"
UPDATE_BODY = text("case-update")
