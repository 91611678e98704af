# SPDX-License-Identifier: GPL-3.0-or-later
"""Unique external references on Tryton's journals, internal shipments, requisitions."""
