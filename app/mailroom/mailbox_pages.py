"""/mailbox: what the demonstration mailed, as text, HTML and source. Registered in the demonstration only."""

from __future__ import annotations

from pathlib import Path

from flask import Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from app.base.blueprints import Pages
from app.base.parts import parts
from app.mailroom import mailbox

blueprint = Pages("mail", __name__, is_demonstration_only=True)

# A mail's own inline styles may apply to the page that shows it; nothing else may load, run or reach our pages.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-top-navigation-by-user-activation"


@blueprint.get("/mailbox")
def list_mails() -> ResponseReturnValue:
    """Show the latest mails, newest first."""
    return render_template("mailroom/list_mails.html", mails=mailbox.list_mails(_folder()))


@blueprint.get("/mailbox.json")
def list_mails_as_json() -> ResponseReturnValue:
    """Give the list with each mail's links, for scripts and tests."""
    return jsonify(
        [
            {
                "id": mail.id,
                "to": mail.to,
                "subject": mail.subject,
                "sent_at": mail.sent_at.isoformat() if mail.sent_at else None,
                "message_id": mail.message_id,
                "links": mail.links,
                "attachments": [item.filename for item in mail.attachments],
            }
            for mail in mailbox.list_mails(_folder())
        ]
    )


@blueprint.get("/mailbox/<mail>")
def show_mail(mail: str) -> ResponseReturnValue:
    """Show one mail's headers and text."""
    return render_template("mailroom/show_mail.html", mail=mailbox.read(_folder(), mail))


@blueprint.get("/mailbox/<mail>/html")
def show_html(mail: str) -> ResponseReturnValue:
    """Show one mail's HTML part alone, as a mail program would."""
    response = Response(mailbox.read(_folder(), mail).html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@blueprint.get("/mailbox/<mail>/source")
def show_source(mail: str) -> ResponseReturnValue:
    """Show one mail as it went over the wire."""
    return Response(mailbox.read(_folder(), mail).source, mimetype="text/plain")


@blueprint.get("/mailbox/<mail>/attachments/<filename>")
def download_attachment(mail: str, filename: str) -> ResponseReturnValue:
    """Give one attached file."""
    content, content_type = mailbox.attachment(_folder(), mail, filename)
    response = Response(content, mimetype=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    return response


def _folder() -> Path:
    folder: Path = parts().settings.state_directory / "mailbox"
    return folder
