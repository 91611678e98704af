"""Preference cards: which item families a procedure, stay or visit uses."""

from sandbox.care.encounters import Encounter

Card = tuple[tuple[str, int, int], ...]  # family, fewest, most

_OPEN_SURGERY: Card = (
    ("glove_surgical", 6, 10),
    ("gown", 4, 6),
    ("drape", 2, 4),
    ("suture_absorbable", 3, 6),
    ("cautery", 1, 2),
    ("cefazolin", 1, 3),
    ("propofol", 1, 3),
    ("fentanyl", 2, 4),
)
_JOINT: Card = (("pack_ortho", 1, 1), ("saw_blade", 1, 2), ("irrigation", 1, 1))
_LAPAROSCOPY: Card = (("pack_laparotomy", 1, 1), ("trocar", 3, 4), ("clip", 1, 2))
_CATHETER: Card = (
    ("pack_cardiac", 1, 1),
    ("sheath", 1, 2),
    ("guidewire", 1, 2),
    ("guiding_catheter", 1, 2),
    ("midazolam", 1, 2),
    ("Heparin", 2, 4),
)

THEATRE: dict[str, Card] = {
    "knee": _OPEN_SURGERY
    + _JOINT
    + (
        ("knee_femoral", 1, 1),
        ("knee_tibial", 1, 1),
        ("knee_insert", 1, 1),
        ("patella", 0, 1),
        ("bone_cement", 2, 2),
    ),
    "hip": _OPEN_SURGERY
    + _JOINT
    + (("hip_stem", 1, 1), ("hip_head", 1, 1), ("hip_cup", 1, 1), ("hip_liner", 1, 1)),
    "hip_fracture": (
        *_OPEN_SURGERY,
        ("pack_ortho", 1, 1),
        ("drill_bit", 1, 2),
        ("nail", 1, 1),
        ("locking_screw", 2, 3),
    ),
    "spine_single": (
        *_OPEN_SURGERY,
        ("pack_ortho", 1, 1),
        ("pedicle_screw", 4, 4),
        ("rod", 2, 2),
        ("cage", 1, 1),
    ),
    "spine_multiple": (
        *_OPEN_SURGERY,
        ("pack_ortho", 1, 1),
        ("pedicle_screw", 6, 8),
        ("rod", 2, 2),
        ("cage", 2, 2),
    ),
    "spine_combined": (
        *_OPEN_SURGERY,
        ("pack_ortho", 2, 2),
        ("pedicle_screw", 4, 4),
        ("rod", 2, 2),
        ("cage", 1, 2),
    ),
    "stent": (*_CATHETER, ("balloon", 1, 2), ("stent", 1, 3)),
    "bypass": (
        *_OPEN_SURGERY,
        ("pack_cardiac", 1, 1),
        ("perfusion", 1, 1),
        ("sternal_wire", 4, 6),
        ("drain", 2, 3),
    ),
    "pacemaker": (
        ("pack_cardiac", 1, 1),
        ("sheath", 2, 2),
        ("pacemaker", 1, 1),
        ("lead", 2, 2),
        ("cefazolin", 1, 2),
        ("midazolam", 1, 2),
    ),
    "valve": (*_CATHETER, ("balloon", 1, 1), ("valve", 1, 1)),
    "bowel": (
        *_OPEN_SURGERY,
        ("pack_laparotomy", 1, 1),
        ("stapler", 1, 2),
        ("reload", 3, 6),
        ("drain", 1, 2),
    ),
    "gallbladder": _OPEN_SURGERY + _LAPAROSCOPY,
    "appendix": _OPEN_SURGERY + _LAPAROSCOPY + (("stapler", 1, 1), ("reload", 1, 2)),
    "hernia": (*_OPEN_SURGERY, ("pack_laparotomy", 1, 1), ("mesh", 1, 1)),
    "obesity": _OPEN_SURGERY + _LAPAROSCOPY + (("stapler", 1, 1), ("reload", 5, 7)),
    "delivery": (("pack_birth", 1, 1), ("glove_surgical", 3, 5), ("oxytocin", 2, 4)),
    "cesarean": (*_OPEN_SURGERY, ("pack_birth", 1, 1), ("oxytocin", 2, 4)),
}
_VISIT: Card = (("glove_exam", 2, 6), ("syringe", 1, 2), ("needle", 1, 2))
_INFUSION: Card = (
    ("glove_exam", 4, 8),
    ("chemo_set", 1, 3),
    ("iv_catheter", 1, 1),
    ("NS", 1, 2),
)
_EMERGENCY: Card = (("glove_exam", 4, 10),)
_INJURY: Card = (
    ("gauze", 4, 10),
    ("bandage", 1, 2),
    ("splint", 0, 1),
    ("suture_tray", 0, 1),
)
_DRIP: Card = (
    ("iv_catheter", 1, 2),
    ("iv_set", 1, 1),
    ("NS", 1, 2),
    ("ondansetron", 0, 2),
)
_CHEST: Card = (("electrode", 10, 12), ("iv_catheter", 1, 1), ("Aspirin", 4, 4))
_BREATH: Card = (("oxygen", 1, 2), ("electrode", 5, 10), ("flush", 2, 4))
_SEPSIS: Card = (("central_line", 1, 1), ("arterial_line", 1, 1), ("foley", 1, 1))


def visit(encounter: Encounter, has_infusion: bool) -> Card:
    """Return what a visit may use."""
    if encounter.encounter_class == "AMB":
        return _INFUSION if has_infusion else _VISIT
    first = encounter.diagnoses[0][:1]
    if first in "STVW":
        return _EMERGENCY + _INJURY
    if encounter.diagnoses[0].startswith("R07"):
        return _EMERGENCY + _CHEST
    return _EMERGENCY + (_BREATH if first == "J" else _DRIP)


def ward(encounter: Encounter) -> Card:
    """Return what a stay uses outside the theatre, by its length."""
    days = max(1, (encounter.last_day - encounter.first_day).days)
    card: Card = (
        ("glove_exam", 8 * days, 14 * days),
        ("iv_catheter", 1, 1 + days // 3),
        ("iv_set", 1, 1 + days // 2),
        ("flush", 2 * days, 4 * days),
        ("dressing", 0, 2),
    )
    principal = encounter.diagnoses[0]
    if principal.startswith("J"):
        card += (("oxygen", 1, 3),)
    if principal.startswith("A41"):
        card += _SEPSIS
    return card
