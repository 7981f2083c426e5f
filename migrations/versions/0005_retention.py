"""what is erased by the clock, and the worker's heartbeat"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'

CLOSED = sa.text("closed_at IS NOT NULL AND erased_at IS NULL")
KEPT = sa.text("kept_until IS NOT NULL")


def upgrade() -> None:
    op.create_table('heartbeat',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('believed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('held', sa.String(length=8), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_heartbeat_one')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_heartbeat'))
    )
    op.add_column('network', sa.Column('wiping_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('person', sa.Column('kept_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('post', sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True))
    op.create_index('ix_person_kept_until', 'person', ['network_id', 'kept_until'], postgresql_where=KEPT, sqlite_where=KEPT)
    op.create_index('ix_post_closed', 'post', ['network_id', 'closed_at'], postgresql_where=CLOSED, sqlite_where=CLOSED)
    # Whoever is erased has no place in the network any more.
    op.execute("DELETE FROM membership WHERE EXISTS (SELECT 1 FROM person WHERE person.network_id = membership.network_id"
        " AND person.id = membership.person_id AND person.erased_at IS NOT NULL)")


def downgrade() -> None:
    op.drop_index('ix_post_closed', 'post')
    op.drop_index('ix_person_kept_until', 'person')
    op.drop_column('post', 'erased_at')
    op.drop_column('person', 'kept_until')
    op.drop_column('network', 'wiping_at')
    op.drop_table('heartbeat')
