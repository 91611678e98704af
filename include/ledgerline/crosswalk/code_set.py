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


CODE_SETS = {
    code_set.name: code_set
    for code_set in (
        CodeSet(
            name="facility",
            systems=frozenset({"ehr", "billing"}),
            is_network_wide=True,
            relation="reference.facility",
            code="facility_code",
            title="facility_name",
        ),
        CodeSet(
            name="department",
            systems=frozenset({"ehr"}),
            is_network_wide=False,
            relation="reference.department",
            code="department_code",
            title="department_name",
        ),
        CodeSet(
            name="cost_center",
            systems=frozenset({"erp"}),
            is_network_wide=True,
            relation="reference.cost_center",
            code="cost_center_code",
            title="cost_center_name",
        ),
        CodeSet(
            name="provider",
            systems=frozenset({"ehr", "billing"}),
            is_network_wide=True,
            relation="conformed.dim_provider",
            code="provider_id",
            title="provider_name",
            identifier="npi_code",
        ),
        CodeSet(
            name="payer",
            systems=frozenset({"billing"}),
            is_network_wide=False,
            relation="reference.payer",
            code="payer_code",
            title="payer_name",
        ),
        CodeSet(
            name="item",
            systems=frozenset({"ehr"}),
            is_network_wide=False,
            relation="conformed.dim_item",
            code="item_code",
            title="item_name",
        ),
        CodeSet(
            name="supplier",
            systems=frozenset({"erp"}),
            is_network_wide=True,
            relation="conformed.dim_supplier",
            code="supplier_code",
            title="supplier_name",
        ),
        CodeSet(
            name="account",
            systems=frozenset({"erp"}),
            is_network_wide=True,
            relation="reference.account",
            code="account_code",
            title="account_name",
        ),
        # FHIR and HL7 v2 close this list at the door: nothing else ever lands.
        CodeSet(name="encounter_status", systems=frozenset(), is_network_wide=True),
    )
}
