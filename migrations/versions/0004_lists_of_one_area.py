"""lists of one area"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'

AT_INTAKE = sa.text("state = 'open' AND intake IS NOT NULL")
LISTED = sa.text("state = 'open' AND front_at IS NULL")


def upgrade() -> None:
    op.drop_index('ix_post_intake', 'post')
    op.create_index('ix_post_intake', 'post', ['network_id', 'intake_until', 'created_at', 'id', 'urgency', 'state', 'intake', 'area_id', 'category_id', 'language_bits'], postgresql_where=AT_INTAKE, sqlite_where=AT_INTAKE)
    op.create_index('ix_post_of_area', 'post', ['network_id', 'area_id', 'kind', 'urgency', 'created_at', 'id', 'front_at', 'taken_in_at', 'asked_still_at', 'state', 'intake', 'paused_at', 'uncovered', 'category_id', 'language_bits'], postgresql_where=LISTED, sqlite_where=LISTED)


def downgrade() -> None:
    op.drop_index('ix_post_of_area', 'post')
    op.drop_index('ix_post_intake', 'post')
    op.create_index('ix_post_intake', 'post', ['network_id', 'intake_until', 'created_at', 'id'], postgresql_where=AT_INTAKE, sqlite_where=AT_INTAKE)
