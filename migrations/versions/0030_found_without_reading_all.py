"""found without reading all

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op


revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_matter_follows', 'matter', ['community_id', 'follows_id'], unique=False, postgresql_where=sa.text('follows_id is not null'))
    op.create_index('ix_matter_merged', 'matter', ['community_id', 'merged_into_id'], unique=False, postgresql_where=sa.text('merged_into_id is not null'))
    op.create_index('ix_matter_taken_up', 'matter', ['community_id', 'track'], unique=False, postgresql_where=sa.text('accepted_at is not null'))
    op.create_index('ix_matter_moved', 'matter', ['community_id', 'stage_since', 'number'], unique=False, postgresql_where=sa.text('accepted_at is not null'))
    op.create_index('ix_ballot_roll_turnout', 'ballot_roll', ['community_id', 'poll_id', 'channel'], unique=False, postgresql_where=sa.text('not recused'))


def downgrade() -> None:
    op.drop_index('ix_ballot_roll_turnout', table_name='ballot_roll')
    op.drop_index('ix_matter_moved', table_name='matter')
    op.drop_index('ix_matter_taken_up', table_name='matter')
    op.drop_index('ix_matter_merged', table_name='matter')
    op.drop_index('ix_matter_follows', table_name='matter')
