"""What the law asks for, at the command line: `export`, `erase`."""

from __future__ import annotations

from pathlib import Path

import click

from companion.cli.finding import OPERATOR
from companion.cli.terminal import FOUND_WRONG, Misuse, Terminal, print_json

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
_customer = click.argument("customer", type=click.IntRange(min=1))


@click.command()
@_customer
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    required=True,
    help="Where to write it: a name that ends in .html gives a page to read and print, any other JSON.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.pass_obj
def export(terminal: Terminal, *, customer: int, output: Path, force: bool) -> None:
    """Write down everything known about a CUSTOMER.

    CUSTOMER is the number in the address of her page. That it was done is recorded. The file is readable by you alone.
    """
    from companion.services.people.dossier import as_json  # noqa: PLC0415 — the store, which --help does not need

    if output.exists() and not force:
        raise Misuse(f"{output} is there already; --force writes over it.")
    with terminal.app() as app:
        found = app.dossiers.of(OPERATOR, customer)
        text = app.dossier_page(found) if output.suffix.lower() in {".html", ".htm"} else as_json(found)
    output.write_text(text, encoding="utf-8")
    click.echo(f"Everything known about customer {found.customer_id} is in {output}.")


@click.command()
@_customer
@click.option("--yes", is_flag=True, help="Do it; without this only what would go is said.")
@_as_json
@click.pass_context
def erase(context: click.Context, *, customer: int, yes: bool, as_json: bool) -> None:
    """Erase a CUSTOMER for ever.

    CUSTOMER is the number in the address of her page. Orders stay as bare business facts; what a shop tells of her
    later is not taken in. In WordPress nothing is erased but our own lines on her orders and tickets. May be called
    again: it says how far it is.
    """
    terminal: Terminal = context.obj
    with terminal.app() as app:
        plan = app.erasures.plan(OPERATOR, customer)
        if plan.erasure is None and not yes:
            if as_json:
                print_json({"erased": False, "would_go": _going(plan)})
            else:
                click.echo(f"{plan.name or 'No name'} (customer {plan.customer_id}): " + _counted(_going(plan)))
                click.echo("This cannot be undone. `--yes` does it.")
            context.exit(FOUND_WRONG)
        erasure = app.erasures.erase(OPERATOR, customer, typed=None)
    if as_json:
        print_json({"erased": True, "finished": erasure.finished_at is not None, "counts": erasure.counts})
        return
    click.echo(f"Customer {erasure.customer_id} is erased here: " + _counted(dict(erasure.counts)))
    for shop, kind, ref_id in erasure.still_shown:
        click.echo(f"{shop}: {kind} {ref_id} still shows our line; the worker takes it off, or `companion drain`.")


def _going(plan: object) -> dict[str, int]:
    return {kind: getattr(plan, kind) for kind in ("accounts", "orders", "tickets", "notes")}


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in counts.items()) + "."
