"""two people for a role: what one steward asked for and nobody has said yes to"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('asked_mandate',
    sa.Column('email_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('email_hash', sa.LargeBinary(), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.Column('area_ids', sa.JSON(), nullable=False),
    sa.Column('months', sa.BigInteger(), nullable=False),
    sa.Column('asked_by_id', sa.BigInteger(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("role IN ('coordinator', 'steward')", name=op.f('ck_asked_mandate_role')),
    sa.ForeignKeyConstraint(['network_id', 'asked_by_id'], ['person.network_id', 'person.id'], name=op.f('fk_asked_mandate_network_id_asked_by_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_asked_mandate_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_asked_mandate'))
    )
    with op.batch_alter_table('asked_mandate', schema=None) as batch_op:
        batch_op.create_index('ix_asked_mandate_asked', ['asked_at'], unique=False)
        batch_op.create_index('ix_asked_mandate_asked_by_id', ['network_id', 'asked_by_id'], unique=False, sqlite_where=sa.text('asked_by_id IS NOT NULL'), postgresql_where=sa.text('asked_by_id IS NOT NULL'))
        batch_op.create_index('uq_asked_mandate_email', ['network_id', 'email_hash'], unique=True)


def downgrade() -> None:
    op.drop_table('asked_mandate')
