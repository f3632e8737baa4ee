"""The tenancy kernel: whose request is this, and what may the database show it.

It imports nothing of ``app``. Read it in this order: ``scope`` (who is bound), ``database`` (how a transaction is
bound and what a tenant table is), ``policies`` (what the database enforces), ``registry`` and ``hosts`` (which host is
whose), ``binding`` (the request), ``queue`` (jobs, cache keys), ``provisioning`` (opening a street and a hall).
"""
