"""The kinds of code that are mapped, and which systems' codes models read by them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CodeSet:
    """One kind of code, and where the codes that it can be mapped to are listed.

    `systems` are those whose codes a model resolves by the crosswalk. The codes of a
    network-wide set mean the same at every facility: their mappings say `*`.
    """

    name: str
    systems: frozenset[str]
    is_network_wide: bool
    relation: str = ""
    code: str = ""
    title: str = ""
    identifier: str = ""


@dataclass(frozen=True, kw_only=True)
class NativeCode:
    """A code as a source system writes it; `facility_code` is * for the network."""

    code_set: str
    source_system: str
    facility_code: str
    native_code: str

    @property
    def subject(self) -> str:
        """The code, in words."""
        return " / ".join(
            (self.code_set, self.source_system, self.facility_code, self.native_code)
        )


def _listed(
    name: str,
    relation: str,
    systems: set[str],
    *,
    is_network_wide: bool = True,
    code: str = "",
    identifier: str = "",
) -> CodeSet:
    """Return a code set whose relation names its columns after it."""
    return CodeSet(
        name=name,
        systems=frozenset(systems),
        is_network_wide=is_network_wide,
        relation=relation,
        code=code or f"{name}_code",
        title=f"{name}_name",
        identifier=identifier,
    )


CODE_SETS = {
    code_set.name: code_set
    for code_set in (
        _listed("facility", "reference.facility", {"ehr", "billing"}),
        _listed("department", "reference.department", {"ehr"}, is_network_wide=False),
        _listed("cost_center", "reference.cost_center", {"erp"}),
        _listed(
            "provider",
            "conformed.dim_provider",
            {"ehr", "billing"},
            code="provider_id",
            identifier="npi_code",
        ),
        _listed("payer", "reference.payer", {"ehr", "billing"}, is_network_wide=False),
        _listed("item", "conformed.dim_item", {"ehr"}, is_network_wide=False),
        _listed("supplier", "conformed.dim_supplier", {"erp"}),
        _listed("account", "reference.account", {"erp"}),
        # FHIR and HL7 v2 close this list at the door: nothing else ever lands.
        CodeSet(name="encounter_status", systems=frozenset(), is_network_wide=True),
    )
}
