"""Land a stub ERP in a process of its own: `landing_process.py DSN PORT`."""

import sys

from ledgerline.connectors import erp
from ledgerline.connectors.tryton import client
from ledgerline.landing.land import land
from tests.integration.erp.stub_tryton import endpoint

client.PAGE_SIZE = 10
land(sys.argv[1], erp.source(endpoint(int(sys.argv[2]))))
