"""Run the bench: both databases, four pages, each beside its yardstick; a few minutes."""

import contextlib
import http.client
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import Flask

from bench import beside_mail, documents, mailing, memory, report, signatories, storm
from bench.comparison import ROUNDS, Result, Side, UnsoundRunError, compare
from bench.databases import databases, environment
from bench.growth import SIZES, Growth, measure_growth, section as growth_section
from bench.load import Request
from bench.readers import LEAD as READERS_LEAD, Writer, measure_cold
from bench.report import Section
from bench.scene import Scene, prepare_scene, product, settings_for
from bench.servers import free_port, serving
from bench.signing import Ledger, sign_requests

WORK = Path(__file__).with_name(".work")
# More than two cores sign in all runs; running out of them is an error, not a figure.
TO_SIGN = 8_000
KINDS = ("SQLite", "PostgreSQL")
PAGES_LEAD = f"p50 and p99 are the product's. {READERS_LEAD}"
SENDING_LEAD = (
    f"{mailing.MAILS:,} invitations, each rendered from its own sealed rows, to Postfix's smtp-sink; {mailing.ROUNDS} "
    "rounds. Every claim, announcement, answer and attempt is committed as in production (SQLite: synchronous=FULL; "
    "PostgreSQL: fsync on); only the limits on the pace are off. The plain loop builds each message with EmailMessage "
    "and sends it by smtplib on one connection, and writes nothing down. smtp-source -d sends the same 10 KB over one "
    "session, and writes nothing down either."
)
BESIDE_LEAD = (
    f"{beside_mail.SIGNINGS * beside_mail.ROUNDS} signatures for each condition, in turns, each posted alone. The "
    "senders have the niceness of the worker's unit."
)
ASKING_LEAD = (
    "The calendar's job in a process of its own: from prepared invitation to mail row, in chunks; the process was "
    "killed at a third of the way and another one went on. Directory and invitations were prepared before."
)


_WARMING = 40  # looks, so that each web process has had one


def _say(words: str) -> None:
    print(words, flush=True)


def _measure(kind: str, notes: list[str]) -> list[Result]:
    folder = WORK / kind.lower()
    folder.mkdir(parents=True)
    with databases(kind, folder) as (url, bare_address):
        port = free_port()
        started = time.monotonic()
        _say(f"{kind}: filling the database through the product's own actions …")
        with product(settings_for(folder, url, port)) as app:
            scene = prepare_scene(app, TO_SIGN)
            requests = sign_requests(app, scene)
            ledger = Ledger(app, scene)
            _say(f"{kind}: filled in {time.monotonic() - started:.0f} s; measuring {ROUNDS} rounds …")
            bare_port = free_port()
            with (
                serving("wsgi:app", environment(folder, url, port), folder / "product.log", port, "/healthz"),
                serving("bench.bare:app", {"BENCH_DATABASE": bare_address}, folder / "bare.log", bare_port),
            ):
                return [
                    *_public(kind, Writer(app, scene), Request(scene.public_path), port, bare_port),
                    *_reads(kind, scene, port, bare_port),
                    _writes(kind, requests, ledger, port, bare_port, notes),
                ]


def _public(kind: str, writer: Writer, page: Request, port: int, bare_port: int) -> Iterator[Result]:
    """Measure the public page as readers find it: warm while others write, cold, and with nothing kept of it."""
    with writer.at_work():
        warm = Result(kind, "public page while others write", "hello world")
        side, bare = Side(port, lambda: [page], 200), Side(bare_port, lambda: [Request("/")], 200)
        yield _told(compare(warm, side, bare, lambda _run: None))

    def change_all() -> None:
        writer.write_here()
        writer.write_the_statement()

    yardstick = (bare_port, Request("/page"))
    for name, before_each in (("the same, cold", writer.write_here), ("the same, first", change_all)):
        yield _told(measure_cold(Result(kind, name, "15 KB by Jinja"), (port, page), yardstick, before_each))


def _reads(kind: str, scene: Scene, port: int, bare_port: int) -> Iterator[Result]:
    """Measure the dashboard once each process has looked: the first look opens every answer, see what grows."""
    asked = Request(scene.dashboard_path, cookie=scene.cookie)
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(_WARMING):
            connection.request("GET", asked.path, headers={"Cookie": asked.cookie})
            connection.getresponse().read()
    result = Result(kind, "dashboard, 10,000 invited", "hello world")
    yield _told(compare(result, Side(port, lambda: [asked], 200), Side(bare_port, lambda: [Request("/")], 200), _none))


def _none(_run: object) -> None:
    pass


def _writes(kind: str, requests: list[Request], ledger: Ledger, port: int, bare_port: int, notes: list[str]) -> Result:
    used = iter(range(10**9))

    def rest() -> list[Request]:
        return requests[ledger.next_request :]

    def inserts() -> list[Request]:
        first = next(used) * 20_000
        return [Request("/rows", "POST", body=f"words=w{number}") for number in range(first, first + 20_000)]

    side = Side(port, rest, 303, repeated=False)
    bare = Side(bare_port, inserts, 303, repeated=False)
    result = compare(Result(kind, "sign (POST)", "INSERT + COMMIT"), side, bare, ledger.check)
    notes.append(f"{kind}: {ledger.summary()}")
    return _told(result)


def _told(result: Result) -> Result:
    _say(f"  {result.name}: {result.ratio():.2g} of {result.yardstick}")
    return result


@dataclass
class MailReport:
    """The rows of the three tables about mail."""

    sending: list[tuple[str, ...]] = field(default_factory=list)
    beside: list[tuple[str, ...]] = field(default_factory=list)
    asking: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sections(self) -> list[Section]:
        """Give the tables with what is to be known about them."""
        return [
            Section("Mail", SENDING_LEAD, mailing.HEAD, self.sending, self.notes),
            Section("A deciding page beside it", BESIDE_LEAD, beside_mail.HEAD, self.beside, []),
            Section("Asking very many", ASKING_LEAD, mailing.ASKING_HEAD, self.asking, []),
        ]


@contextlib.contextmanager
def _mailing_product(kind: str, folder: Path) -> Iterator[tuple[Flask, str]]:
    """Join the product on a fresh database for mailing, with no limit on its pace; its database's URL beside it."""
    folder.mkdir(parents=True)
    with databases(kind, folder) as (url, _bare):
        unlimited = {"domain_per_minute": 0, "domain_connections": 50, "mail_connections": 50}
        with product(replace(settings_for(folder, url, free_port()), **unlimited)) as app:  # type: ignore[arg-type]
            yield app, url


def _measure_mailing(kind: str, report_of: MailReport) -> None:
    _say(f"{kind}: sending in turns with a plain loop and with smtp-source …")
    folder = WORK / f"mailing-{kind.lower()}"
    with _mailing_product(kind, folder) as (app, url):
        results, note = mailing.measure_mailing(kind, app, folder)
        report_of.sending += [result.row() for result in results]
        report_of.notes.append(note)
        for result in results:
            _say(f"  {result.row()}")
        port = free_port()
        scene = prepare_scene(app, beside_mail.SIGNINGS * beside_mail.ROUNDS * 3, readers=0)
        requests = iter(sign_requests(app, scene))
        with serving("wsgi:app", environment(folder, url, port), folder / "web.log", port, "/healthz"):
            report_of.beside += [each.row() for each in beside_mail.measure_beside(kind, app, port, requests)]
    _say(f"{kind}: asking {mailing.ASKED:,} people …")
    with _mailing_product(kind, WORK / f"asking-{kind.lower()}") as (app, _url):
        report_of.asking.append(mailing.measure_asking(kind, app))
        _say(f"  {report_of.asking[-1]}")


def _measure_storm(kind: str, seconds: float) -> tuple[str, ...]:
    folder = WORK / f"storm-{kind.lower()}"
    folder.mkdir(parents=True)
    with databases(kind, folder) as (url, _bare):
        port = free_port()
        _say(f"{kind}: a storm of {seconds:.0f} s …")
        with product(settings_for(folder, url, port)) as app:
            scene = prepare_scene(app, TO_SIGN, readers=0)
            signing = sign_requests(app, scene)
            with serving("wsgi:app", environment(folder, url, port), folder / "web.log", port, "/healthz"):
                row = storm.measure_storm(kind, app, scene, storm.storm_over(app, scene, signing, port), seconds)
    _say(f"  {row}")
    return row


def _measure_memory() -> Section:
    _say("SQLite: the memory of each process …")
    folder = WORK / "memory"
    folder.mkdir(parents=True)
    with databases("SQLite", folder) as (url, _bare):
        port = free_port()
        with product(settings_for(folder, url, port)) as app:
            scene = prepare_scene(app, 100, readers=2_000)
        paths = ["/", scene.public_path, *scene.invitation_paths[:3]]
        return memory.measure_memory(environment(folder, url, port), folder, port, paths)


@dataclass
class SignatoryReport:
    """What the signatory's pages came to."""

    results: list[Result] = field(default_factory=list)
    sizes: list[tuple[str, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def sections(self) -> list[Section]:
        """Give the tables with what is to be known about them."""
        pages = report.rows(self.results)
        return [
            Section("The signatory's pages", signatories.LEAD, report.HEAD, pages, self.notes),
            Section("Bytes", signatories.SIZE_LEAD, signatories.SIZE_HEAD, self.sizes, []),
        ]


def _measure_signatories(kind: str, found: SignatoryReport) -> None:
    folder = WORK / f"signatories-{kind.lower()}"
    (folder / "twin").mkdir(parents=True)
    (folder / "size").mkdir()
    with databases(kind, folder) as (url, bare), databases(kind, folder / "twin") as (twin_url, _bare):
        ports = signatories.Ports(free_port(), free_port(), free_port())
        _say(f"{kind}: the signatory's pages; filling …")
        with (
            signatories.twin_of(folder / "twin", twin_url, ports.product),
            product(settings_for(folder, url, ports.product)) as app,
        ):
            scene = prepare_scene(app, signatories.TO_SIGN, readers=0)
            with (
                serving(
                    "wsgi:app", environment(folder, url, ports.product), folder / "w.log", ports.product, "/healthz"
                ),
                serving("bench.bare:app", {"BENCH_DATABASE": bare}, folder / "bare.log", ports.bare),
                serving("bench.twin:app", {"BENCH_TWIN": twin_url}, folder / "twin.log", ports.twin),
            ):
                for result in signatories.measure_signatories(kind, app, scene, ports):
                    found.results.append(_told(result))
    with databases(kind, folder / "size") as (url, _bare), product(settings_for(folder, url, free_port())) as app:
        found.sizes.append((kind, f"{signatories.bytes_for_each(app):,.0f}"))
        _say(f"  bytes for each invited person: {found.sizes[-1][1]}")


def _pages() -> list[Section]:
    notes: list[str] = []
    results = [result for kind in KINDS for result in _measure(kind, notes)]
    return [Section("The hot pages beside a bare Flask app", PAGES_LEAD, report.HEAD, report.rows(results), notes)]


def _signatories() -> list[Section]:
    found = SignatoryReport()
    for kind in KINDS:
        _measure_signatories(kind, found)
    return found.sections()


def _documents() -> list[Section]:
    _say("Printing appeals beside bare typst …")
    printed = documents.measure_documents()
    return [Section("PDF of 10,000 and 50,000 beside bare typst", documents.LEAD, documents.HEAD, printed, [])]


def _mails() -> list[Section]:
    if not mailing.is_possible():
        _say("Mail was not measured: smtp-sink and smtp-source are missing (Debian: apt install postfix).")
        return []
    found = MailReport()
    for kind in KINDS:
        _measure_mailing(kind, found)
    return found.sections()


def _growth() -> list[Section]:
    growths = []
    for kind in KINDS:
        growth = Growth(kind)
        for size in SIZES:
            folder = WORK / f"growth-{kind.lower()}-{size}"
            folder.mkdir(parents=True)
            _say(f"{kind}: {size:,} people …")
            with databases(kind, folder) as (url, _bare), product(settings_for(folder, url, free_port())) as app:
                measure_growth(app, growth, size)
            shutil.rmtree(folder)
        growths.append(growth)
    return [growth_section(growths)]


# Each is measured alone as well: `python -m bench growth memory`.
PARTS: dict[str, Callable[[], list[Section]]] = {
    "pages": _pages,
    "signatories": _signatories,
    "documents": _documents,
    "mail": _mails,
    "growth": _growth,
    "storm": lambda: [storm.section([_measure_storm(kind, storm.SECONDS) for kind in KINDS])],
    "memory": lambda: [_measure_memory()],
}


def main(arguments: list[str]) -> int:
    """Measure all parts or those that are named, print the tables and write them down, each as soon as it is done.

    The exit code is 1 if a run was unsound, and 2 if there is no such part.
    """
    if unknown := set(arguments) - PARTS.keys():
        print(f"There is no {', '.join(sorted(unknown))} to measure; there are: {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    started = time.monotonic()
    for part in arguments or PARTS:
        shutil.rmtree(WORK, ignore_errors=True)
        try:
            sections = PARTS[part]()
        except UnsoundRunError as problem:
            print(f"A run was unsound, so nothing is reported of {part}: {problem}", file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(WORK, ignore_errors=True)
        report.write(sections)
        for section in sections:
            _say(section.as_text())
    _say(f"Written to bench/results.md after {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
