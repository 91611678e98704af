"""Our documents as Tryton holds them."""
