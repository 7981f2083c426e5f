"""an index of looks at contact details: how many somebody took today"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    op.create_index('ix_event_look', 'event', ['network_id', 'actor_id', 'at'], unique=False, sqlite_where=sa.text("verb = 'look'"), postgresql_where=sa.text("verb = 'look'"))


def downgrade() -> None:
    op.drop_index('ix_event_look', 'event', sqlite_where=sa.text("verb = 'look'"), postgresql_where=sa.text("verb = 'look'"))
