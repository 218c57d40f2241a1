"""Who may do what: a higher role may do all that a lower one may."""

import pytest

from stellar.roles import Role, may


@pytest.mark.parametrize(
    ("scopes", "rights"),
    [
        ({"reader"}, {Role.READER}),
        ({"predictor"}, {Role.READER, Role.PREDICTOR}),
        ({"operator", "email"}, set(Role)),
        ({"Reader", "openid"}, set()),
        (set(), set()),
    ],
)
def test_scopes_give_rights(scopes: set[str], rights: set[Role]) -> None:
    assert {role for role in Role if may(scopes, role)} == rights
