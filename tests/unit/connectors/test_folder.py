"""Folders: what is listed, what is refused, and how it is said."""

import os

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, SourceMissing
from ledgerline.connectors import folder, source
from ledgerline.connectors.formats.record import FileRefused


def endpoint(path):
    return Endpoint(conn_id="ehr_fhir", conn_type="fs", extra={"path": str(path)})


def test_files_below_the_folder_are_listed_by_name(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "1.ndjson").write_text("{}")
    (tmp_path / "a.ndjson").write_text("{}")
    names = [file.name for file in folder.files(endpoint(tmp_path))]
    assert names == ["a.ndjson", "b/1.ndjson"]


def test_a_missing_folder_is_named_with_its_connection(tmp_path):
    with pytest.raises(SourceMissing, match=r"nowhere of connection ehr_fhir does not"):
        folder.files(endpoint(tmp_path / "nowhere"))


def test_an_empty_folder_is_an_error_and_not_an_empty_success(tmp_path):
    (tmp_path / "sub").mkdir()
    with pytest.raises(SourceMissing, match="has no files"):
        folder.files(endpoint(tmp_path))


def test_a_file_in_place_of_the_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SourceMissing, match="is not a folder"):
        folder.files(endpoint(tmp_path / "file"))


def test_a_connection_without_a_path_is_a_configuration_error():
    with pytest.raises(ConfigurationInvalid, match="names no folder"):
        folder.files(Endpoint(conn_id="ehr_fhir", conn_type="fs"))


def test_links_and_devices_are_refused(tmp_path):
    target = tmp_path / "real.ndjson"
    target.write_text("{}")
    (tmp_path / "link.ndjson").symlink_to(target)
    (tmp_path / "linked_folder").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.ndjson")
    outcomes = {}
    for file in folder.files(endpoint(tmp_path)):
        try:
            with folder.opened(file) as stream:
                outcomes[file.name] = b"".join(source.chunks(stream))
        except FileRefused as refused:
            outcomes[file.name] = refused.refusal_class.value
    assert outcomes == {
        "link.ndjson": "PATH_TRAVERSAL",
        "linked_folder": "PATH_TRAVERSAL",
        "pipe.ndjson": "PATH_TRAVERSAL",
        "real.ndjson": b"{}",
    }


def test_a_file_that_went_away_is_unreadable(tmp_path):
    gone = folder.FolderFile(name="gone", path=tmp_path / "gone")
    with pytest.raises(FileRefused) as caught, folder.opened(gone):
        pass
    assert caught.value.refusal_class == "FILE_UNREADABLE"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path):
    path = tmp_path / "secret.ndjson"
    path.write_text("{}")
    path.chmod(0)
    with (
        pytest.raises(FileRefused),
        folder.opened(folder.FolderFile(name="s", path=path)),
    ):
        pass


def test_a_name_that_is_not_utf8_is_still_listed(tmp_path):
    path = os.fsencode(tmp_path) + b"/bad\xff.ndjson"
    with open(path, "wb") as stream:
        stream.write(b"{}")
    (file,) = folder.files(endpoint(tmp_path))
    assert file.name == "bad\\udcff.ndjson"
