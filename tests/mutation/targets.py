"""What is mutated, and the narrow tests that are to notice."""

from collections.abc import Callable
from dataclasses import dataclass

from ledgerline.posting import protocol
from ledgerline.posting.file_job import adapter
from ledgerline.posting.route import breaker
from ledgerline.quality import gate
from ledgerline.quality.repository import question
from tests.mutation import database, models, python_code

POSTING = "tests/integration/posting"


@dataclass(frozen=True, kw_only=True)
class Target:
    """Mutants of one concern; `slow` names tests that no mutant waits for."""

    name: str
    tests: tuple[str, ...]
    mutants: Callable
    slow: str = ""


def _of_functions(*functions):
    return lambda server: (
        mutant for function in functions for mutant in python_code.mutants(function)
    )


def _of_database(functions, relations=(), **more):
    return lambda server: database.mutants(
        server.dsn("warehouse_template"), functions, relations, **more
    )


def _of_overhead():
    compiled = models.CompiledModels()

    def mutants(server):
        yield from compiled.mutants(
            (
                "int_cost_center__opened",
                "int_cost_center__stepped_down",
                "int_overhead_share__weighed",
                "int_overhead_flow__solved",
                "int_cost_center__reciprocated",
                "int_cost_center__allocated",
            )
        )
        yield from _of_database(("build.reciprocal",))(server)

    return mutants


TARGETS = (
    Target(
        name="posting protocol",
        tests=(
            "tests/unit/posting/test_protocol.py",
            "tests/unit/posting/test_worker.py",
            "tests/unit/posting/test_simulation.py",
        ),
        mutants=_of_functions(
            protocol.backoff,
            protocol.after_lease,
            protocol.lease_covers_call,
            protocol.is_exhausted,
            protocol.work,
            protocol._turn,
            protocol._overdue,
            protocol._send,
            protocol._unsent,
        ),
    ),
    Target(
        name="classifier",
        tests=(
            "tests/unit/posting/test_protocol.py",
            "tests/unit/posting/route/test_breaker.py",
            f"{POSTING}/test_file_posting.py",
        ),
        slow="process_that_dies or published_rows or job_rejects or never_comes",
        mutants=_of_functions(
            protocol.after_answer,
            protocol._is_posted,
            protocol.after_read_back,
            protocol._is_same,
            breaker.is_failing,
            adapter._answer,
            adapter._accepted,
        ),
    ),
    Target(
        name="gate",
        tests=("tests/unit/quality/test_gate.py",),
        mutants=_of_functions(
            gate.required_checks,
            gate.judge,
            gate._is_failed,
            gate._blocks,
            gate._skipped,
            gate._urgency,
            gate._missing,
            gate._unproven,
            gate._block,
            gate._waive,
            gate._reason,
        ),
    ),
    Target(
        name="question",
        tests=("tests/integration/quality/test_question.py",),
        mutants=_of_functions(question.question, question._parts),
    ),
    Target(
        name="state machine",
        tests=(
            f"{POSTING}/test_posting_rules.py",
            f"{POSTING}/test_posting_steps.py",
            f"{POSTING}/test_posting_access.py",
            f"{POSTING}/test_four_eyes.py",
            f"{POSTING}/test_requests.py",
            f"{POSTING}/test_posting.py",
            f"{POSTING}/test_adoption.py",
        ),
        slow="200_wrongful or 4_approvers",
        mutants=_of_database(
            (
                "post.guard_insert",
                "post.guard_line",
                "post.guard_move",
                "post.guard_update",
                "post.guard_attempt",
                "post.is_blocked",
                "post.changed_columns",
                "post.is_step_alone",
                "post.record_step",
                "post.chain_step",
                "post.check_ledger",
                "post.guard_by_request",
            ),
            views=("post.next_entry",),
            has_steps=True,
        ),
    ),
    Target(
        name="release gate",
        tests=(
            "tests/integration/quality/test_decisions.py",
            f"{POSTING}/test_posting_rules.py",
            f"{POSTING}/test_posting.py",
            f"{POSTING}/test_periods.py",
        ),
        mutants=_of_database(
            (
                "post.is_covered",
                "post.is_releasable",
                "ops.publication_follows_decision",
            ),
            ("ops.gate_decision",),
        ),
    ),
    Target(
        name="waivers",
        tests=("tests/integration/quality/test_waivers.py",),
        mutants=_of_database(("ops.open_waivers", "ops.spend_waivers")),
    ),
    Target(
        name="allocation",
        tests=("tests/models/test_overhead.py",),
        mutants=_of_overhead(),
    ),
)
