# SPDX-License-Identifier: GPL-3.0-or-later
"""Unique external references on Tryton's journal entries and internal shipments."""
