"""a line is indexed once

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op


revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

KINDS = ('account', 'person', 'household', 'owner')


def upgrade() -> None:
    for kind in KINDS:
        op.drop_constraint(f'uq_ballot_roll_community_id_poll_id_{kind}_id', 'ballot_roll', type_='unique')
        op.create_index(f'uq_ballot_roll_{kind}', 'ballot_roll', ['community_id', 'poll_id', f'{kind}_id'], unique=True, postgresql_where=sa.text(f'{kind}_id is not null'))
    op.drop_index('ix_ballot_roll_community_id_receipt_hmac', table_name='ballot_roll')
    op.create_index('ix_ballot_roll_receipt', 'ballot_roll', ['community_id', 'receipt_hmac'], unique=False, postgresql_where=sa.text('receipt_hmac is not null'))


def downgrade() -> None:
    op.drop_index('ix_ballot_roll_receipt', table_name='ballot_roll')
    op.create_index('ix_ballot_roll_community_id_receipt_hmac', 'ballot_roll', ['community_id', 'receipt_hmac'], unique=False)
    for kind in KINDS:
        op.drop_index(f'uq_ballot_roll_{kind}', table_name='ballot_roll')
        op.create_unique_constraint(f'uq_ballot_roll_community_id_poll_id_{kind}_id', 'ballot_roll', ['community_id', 'poll_id', f'{kind}_id'])
