"""A task's span holds a span for each document that it sent, and no more."""

import pytest
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from ledgerline.orchestration.flows import span
from tests.integration.posting.stub_erp import Erp, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish, rows, stock
from tests.otlp import receiving

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


def test_spans_reach_a_collector_over_http(dsn, monkeypatch):
    publish(dsn, journal("100.00"), stock("3", lot="L1"))
    with receiving() as collector, running(Erp()) as port:
        provider = TracerProvider()
        exporter = OTLPSpanExporter(endpoint=f"{collector.endpoint}/v1/traces")
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
        posted_under_a_span(dsn, port)
        provider.shutdown()
        arrived = collector.spans
    *documents, task = arrived
    assert task["name"] == "worker.post_entries"
    assert {each["parent_span_id"] for each in documents} == {task["span_id"]}
    assert {each["trace_id"] for each in documents} == {task["trace_id"]}
    told = [
        (
            each["name"],
            each["attributes"]["ledgerline.natural_key"],
            each["attributes"]["ledgerline.erp_document"],
        )
        for each in documents
    ]
    wanted = (
        "select 'post ' || document_type, natural_key, erp_document from post.entry"
    )
    assert sorted(told) == sorted(rows(dsn, wanted))
