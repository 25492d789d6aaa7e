"""A kind of identity that has no route yet sends nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from torsend.app import App, Start
from torsend.app.parts import NoRouteYet
from torsend.errors import Left
from torsend.identity.identity import Colour, Identity, Kind, Server, Tls, new_identity_id
from torsend.mail.draft import Draft
from torsend.paths import Profile


def test_a_remailers_mail_is_neither_composed_nor_queued(tmp_path: Path) -> None:
    server = Server("smtp.rowanmail.example", 465, Tls.IMPLICIT)
    wren = Identity(new_identity_id(), "", "wren@rowanmail.example", Kind.REMAILER, Colour.TEAL, server)
    with App.open(Start(Profile(tmp_path), in_memory=True)) as app:
        app.book.add(wren)
        draft = replace(Draft.new(), identity_id=wren.id, to="marta@nordpost.example", text="hello")
        for refused in (app.compose, app.queue):
            with pytest.raises(NoRouteYet, match="isn’t built yet") as caught:
                refused(draft)
            assert caught.value.left is Left.NOTHING
            assert caught.value.advice
        assert app.outbox.list() == ()
