"""messages between the two sides of a match"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    op.create_table('message',
    sa.Column('match_id', sa.BigInteger(), nullable=False),
    sa.Column('side', sa.String(length=5), nullable=False),
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('once', sa.BigInteger(), nullable=False),
    sa.Column('signs', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=7), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decided_by_id', sa.BigInteger(), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("side IN ('need', 'offer')", name=op.f('ck_message_side')),
    sa.CheckConstraint("state IN ('sent', 'held', 'stopped')", name=op.f('ck_message_state')),
    sa.ForeignKeyConstraint(['network_id', 'decided_by_id'], ['person.network_id', 'person.id'], name=op.f('fk_message_network_id_decided_by_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'match_id'], ['match.network_id', 'match.id'], name=op.f('fk_message_network_id_match_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_message_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_message'))
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index('ix_message_decided_by_id', ['network_id', 'decided_by_id'], unique=False, postgresql_where=sa.text('decided_by_id IS NOT NULL'), sqlite_where=sa.text('decided_by_id IS NOT NULL'))
        batch_op.create_index('ix_message_held', ['network_id', 'created_at'], unique=False, postgresql_where=sa.text("state = 'held'"), sqlite_where=sa.text("state = 'held'"))
        batch_op.create_index('uq_message_once', ['network_id', 'match_id', 'side', 'once'], unique=True)

    op.add_column('match', sa.Column('apart_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('match', 'apart_at')

    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index('uq_message_once')
        batch_op.drop_index('ix_message_held', postgresql_where=sa.text("state = 'held'"), sqlite_where=sa.text("state = 'held'"))
        batch_op.drop_index('ix_message_decided_by_id', postgresql_where=sa.text('decided_by_id IS NOT NULL'), sqlite_where=sa.text('decided_by_id IS NOT NULL'))

    op.drop_table('message')
