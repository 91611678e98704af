"""Messages that merge, move, number anew and swap; and a fold of them in memory."""

from ledgerline.events import appointment, merge, visit
from ledgerline.events.fold import _left, _subject
from tests.unit.connectors.formats.hl7v2_text import adt, pv1


def pid(patient="1001", account=""):
    return f"PID|1||{patient}^^^MVH^MR|||||F||||||||||{account}"


def mrg(patient="", account="", number=""):
    identifier = f"{patient}^^^MVH^MR" if patient else ""
    return f"MRG|{identifier}||{account}||{number}"


def at(day, hour=9):
    return f"202603{day:02}{hour:02}0000-0500"


def stay(trigger, day, number, account="", patient="1001", **fields):
    """An event of a visit."""
    name = f"{trigger}.{number}.{day}"
    where = {"pid": pid(patient, account), "pv1": pv1(number, **fields)}
    return adt(trigger, name, at(day), **where)


def merging(trigger, day, to, of, number=None, **fields):
    """A merge, move or change: `to` are patient and account, `of` what MRG names."""
    segments = mrg(**of) + (f"\r{pv1(number, **fields)}" if number else "")
    return adt(trigger, f"{trigger}.{day}", at(day), pid=pid(**to), mrg=segments)


def swap(day, *groups):
    """An A17: of each group patient, visit number and the place it has now."""
    pids = [
        f"{pid(patient)}\r{pv1(number, f3=f'{place}^1^A^MVH')}"
        for patient, number, place in groups
    ]
    return adt("A17", f"A17.{day}", at(day), pid="\r".join(pids), pv1="")


def folded(events):
    """What a fold of all these events comes to: states by subject, and conflicts."""
    merges = [event for event in events if merge.is_merge(event)]
    others = [event for event in events if not merge.is_merge(event)]
    known = {key for event in others for key in event.shown()}
    current = merge.resolve(merges, known)
    about = {}
    for event in others:
        about.setdefault(_left(_subject(event), current), []).append(event)
    states = {
        subject: (visit if subject[0] == "visit" else appointment).fold(found, current)
        for subject, found in about.items()
        if subject[0] in {"visit", "appointment"}
    }
    return states, current.conflicts
