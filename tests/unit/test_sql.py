"""Columns, parameters and conditions of constant queries."""

from __future__ import annotations

import pytest

from pi_lint.frontend.sql import Column, Condition, Query, columns, queries


def _query(text: str) -> Query:
    found = columns(text)
    assert found is not None
    return found


def _sources(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    return {column.name: column.sources for column in _query(text).columns}


def test_aliases_and_joins_are_resolved() -> None:
    assert _sources("SELECT u.phone AS p, o.id FROM users u JOIN orders AS o ON o.user_id = u.id") == {
        "p": (("users", "phone"),),
        "id": (("orders", "id"),),
    }
    assert _sources("select phone from users") == {"phone": (("users", "phone"),)}
    assert _sources("select first || ' ' || last as full from users") == {
        "full": (("users", "first"), ("users", "last"))
    }


def test_sub_queries_and_common_tables_are_looked_through() -> None:
    assert _sources("with t as (select phone as p from users) select p from t") == {"p": (("users", "phone"),)}
    assert _sources("select t.* from (select id, phone from users) t") == {
        "id": (("users", "id"),),
        "phone": (("users", "phone"),),
    }
    assert _sources("select (select phone from users u where u.id = o.uid) as p from orders o") == {
        "p": (("users", "phone"),)
    }
    assert _sources("select phone from a union select email from b") == {"phone": (("a", "phone"), ("b", "email"))}
    assert _query("with t as (select 1 from users) select * from t").tables == ("users",)


def test_stars_name_their_table() -> None:
    (column,) = _query("select * from users").columns
    assert column.star
    assert column.table == "users"


@pytest.mark.parametrize(
    "expression", ["count(phone)", "count(*)", "phone is not null", "phone = 'x'", "length(phone)", "max(phone)"]
)
def test_what_tells_no_single_value_is_an_aggregate(expression: str) -> None:
    (column,) = _query(f"select {expression} as c from users").columns
    assert column.is_aggregate
    assert column.sources == ()


@pytest.mark.parametrize("expression", ["upper(phone)", "group_concat(phone)", "case when a = 1 then phone end"])
def test_what_keeps_the_value_is_none(expression: str) -> None:
    (column,) = _query(f"select {expression} as c from users").columns
    assert not column.is_aggregate
    assert column.source == "phone"


def test_conditions_that_always_hold() -> None:
    query = _query(
        "select phone from users u where u.opt_in = 1 and active and not u.gone and id = %s and (a = 1 or b = 2)"
    )
    assert query.where == (
        Condition("opt_in", "users", 1),
        Condition("active", "users", True),
        Condition("gone", "users", False),
        Condition("id", "users", param=0),
    )
    assert query.where_columns == ("opt_in", "active", "gone", "id", "a", "b")


def test_conditions_of_inner_joins_and_inner_queries_hold_too() -> None:
    text = "select u.phone from users u {} join consents c on c.user_id = u.id and c.granted = true"
    assert _query(text.format("")).where == (Condition("granted", "consents", True),)
    assert _query(text.format("left")).where == ()
    inner = _query("with t as (select phone from users where opt_in = 1) select phone from t")
    assert inner.where == (Condition("opt_in", "users", 1),)
    assert inner.has_where


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("insert into users (name, phone) values (?, ?)", [(0,), (1,)]),
        ("INSERT INTO users (name, phone) VALUES (%s, lower(%s))", [(0,), (1,)]),
        ("INSERT INTO users (name, phone) VALUES (%(n)s, %(p)s)", [("n",), ("p",)]),
        ("INSERT OR REPLACE INTO users (name, phone) VALUES (:n, :p)", [("n",), ("p",)]),
        ("REPLACE INTO `users` (name, phone) VALUES (%s, %s)", [(0,), (1,)]),
        ("INSERT INTO users (name, phone) VALUES ($2, $1)", [(1,), (0,)]),
    ],
)
def test_inserts_say_which_parameter_fills_which_column(text: str, params: list[tuple[int | str, ...]]) -> None:
    query = _query(text)
    assert (query.kind, query.table) == ("insert", "users")
    assert [column.name for column in query.columns] == ["name", "phone"]
    assert [column.params for column in query.columns] == params


def test_an_insert_from_a_query_copies_its_columns() -> None:
    query = _query("insert into archive (tel) select phone from users")
    assert query.columns == (Column("tel", (("users", "phone"),)),)
    assert query.table == "archive"


def test_updates_number_parameters_through_the_whole_text() -> None:
    query = _query("update users set phone = %s, email = NULL where note = '%s?' and id = %s")
    assert query.columns == (Column("phone", params=(0,)), Column("email", is_constant=True))
    assert query.where[-1] == Condition("id", "users", param=1)


def test_deletions() -> None:
    assert not _query("DELETE FROM users").has_where
    assert _query("delete from users where id = ?").where == (Condition("id", "users", param=0),)
    assert (_query("truncate table users").kind, _query("drop table users").kind) == ("delete", "delete")
    assert _query("drop index x").kind == "other"


def test_declared_columns() -> None:
    query = _query("create table if not exists users (id integer primary key, phone text not null)")
    assert (query.kind, query.table) == ("create", "users")
    assert [column.name for column in query.columns] == ["id", "phone"]


def test_returning_and_several_statements() -> None:
    assert _query("insert into users (a) values (?) returning phone").returning[0].name == "phone"
    assert [query.kind for query in queries("create table a (b int); insert into a values (1)")] == ["create", "insert"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "Select your phone number!",
        "update your address",
        "select (" + "(" * 5000,
        "with",
        "delete my whole account now",
    ],
)
def test_other_texts_are_no_queries_and_never_raise(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert columns(text) is None
    assert capsys.readouterr().err == ""


def test_quotes_of_other_dialects() -> None:
    assert _sources("select [phone] from users where x = @p") == {"phone": (("users", "phone"),)}
    assert _sources("select `phone` from `users`") == {"phone": (("users", "phone"),)}
