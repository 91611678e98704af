"""A buyer at Tryton: approves requisitions, orders what they ask for, or says no."""

from decimal import Decimal

MODEL = "purchase.requisition"
WIZARD = "wizard.purchase.request.create_purchase"


class Buyer:
    """Works as the administrator, the way the client does."""

    def __init__(self, rpc):
        self.rpc = rpc

    def requisition(self, reference):
        return self.rpc.find_id(MODEL, [["external_reference", "=", reference]])

    def press(self, reference, *buttons):
        for button in buttons:
            self.rpc.call(MODEL, button, [self.requisition(reference)])

    def order(self, reference, supplier="SUP001"):
        """Approve a requisition and make a draft order of it; return its id."""
        self.press(reference, "approve", "process")
        asked = [["origin", "in", self._lines(reference)]]
        requests = [
            row["id"] for row in self.rpc.find("purchase.request", asked, ["id"])
        ]
        party = self.rpc.find_id("party.party", [["code", "=", supplier]])
        self.rpc.call("purchase.request", "write", requests, {"party": party})
        self._account_for(requests)
        self._wizard(requests)
        made = self.rpc.find("purchase.request", asked, ["purchase"])
        return made[0]["purchase"]

    def confirm(self, order):
        party = self.rpc.find("purchase.purchase", [["id", "=", order]], ["party"])
        [row] = self.rpc.find(
            "party.party", [["id", "=", party[0]["party"]]], ["addresses"]
        )
        changes = {"invoice_address": row["addresses"][0], "invoice_method": "manual"}
        self.rpc.call("purchase.purchase", "write", [order], changes)
        lines = self.rpc.find("purchase.line", [["purchase", "=", order]], ["id"])
        for line in lines:
            price = {"unit_price": Decimal("0.0729")}
            self.rpc.call("purchase.line", "write", [line["id"]], price)
        for step in ("quote", "confirm", "process"):
            self.rpc.call("purchase.purchase", step, [order])

    def _account_for(self, requests):
        """Say which account what is ordered is an expense on; Tryton asks for one."""
        rpc = self.rpc
        expense = rpc.find_id("account.account", [["code", "=", "51000"]])
        named = {"name": "Goods", "accounting": True, "account_expense": expense}
        category = rpc.create_one("product.category", named)
        rows = rpc.find("purchase.request", [["id", "in", requests]], ["product"])
        products = [["id", "in", [row["product"] for row in rows]]]
        rows = rpc.find("product.product", products, ["template"])
        templates = [row["template"] for row in rows]
        changes = {"account_category": category}
        rpc.call("product.template", "write", templates, changes)

    def _lines(self, reference):
        line = "purchase.requisition.line"
        mine = [["requisition", "=", self.requisition(reference)]]
        return [f"{line},{row['id']}" for row in self.rpc.find(line, mine, ["id"])]

    def _wizard(self, requests):
        rpc = self.rpc
        context = {
            **rpc.context,
            "active_model": "purchase.request",
            "active_id": requests[0],
            "active_ids": requests,
        }
        session, start, _ = rpc._call(f"{WIZARD}.create", [context])
        rpc._call(f"{WIZARD}.execute", [session, {}, start, context])
        rpc._call(f"{WIZARD}.delete", [session, context])
