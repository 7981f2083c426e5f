"""reading what is held counts with the looks of a day"""

from alembic import op
from sqlalchemy import text

revision = '0009'
down_revision = '0008'


def upgrade() -> None:
    look_at("verb IN ('look', 'read')")


def downgrade() -> None:
    look_at("verb = 'look'")


def look_at(which: str) -> None:
    op.drop_index('ix_event_look', 'event')
    op.create_index('ix_event_look', 'event', ['network_id', 'actor_id', 'at'], sqlite_where=text(which), postgresql_where=text(which))
