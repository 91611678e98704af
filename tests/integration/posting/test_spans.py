"""A task's span holds a span for each document that it sent, and no more."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from ledgerline.orchestration.flows import span
from tests.integration.posting.stub_erp import Erp, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish, rows, stock

pytestmark = pytest.mark.integration


@pytest.fixture
def exported(monkeypatch):
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    return exporter


def posted_under_a_span(dsn, port):
    with trace.get_tracer("airflow").start_as_current_span("worker.post_entries"):
        begun = span.begin(dsn)
        post(dsn, port)
        span.tell_attempts(dsn, begun)


def test_each_document_is_a_span_within_the_task_s(dsn, exported):
    publish(dsn, journal("100.00"), stock("3", lot="L1"))
    with running(Erp()) as port:
        posted_under_a_span(dsn, port)
        first = exported.get_finished_spans()
        publish(dsn, journal("130.00"), stock("3", lot="L1"))
        posted_under_a_span(dsn, port)
    *documents, task = first
    assert {each.parent.span_id for each in documents} == {task.context.span_id}
    told = {
        each.attributes["ledgerline.natural_key"]: (
            each.name,
            each.attributes["ledgerline.erp_document"],
            each.status.status_code,
        )
        for each in documents
    }
    wanted = rows(
        dsn,
        "select natural_key, 'post ' || document_type, erp_document from post.entry "
        "where natural_key like '%v1'",
    )
    assert told == {key: (name, erp, StatusCode.UNSET) for key, name, erp in wanted}
    assert all(
        task.start_time <= each.start_time <= each.end_time <= task.end_time
        for each in documents
    )
    assert len(exported.get_finished_spans()) - len(first) == 2


def test_without_a_span_the_database_is_not_asked():
    span.tell(publication_id=1)
    assert span.begin("postgresql://nowhere") is None
    span.tell_attempts("postgresql://nowhere", None)
