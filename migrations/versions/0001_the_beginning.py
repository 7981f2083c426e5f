"""the beginning"""

import sqlalchemy as sa
from alembic import op

from mutualaid.aid.open_counts import start_counting, stop_counting

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table('account',
    sa.Column('email_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('email_hash', sa.LargeBinary(), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=True),
    sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account')),
    sa.UniqueConstraint('email_hash', name=op.f('uq_account_email_hash'))
    )
    op.create_table('attempt',
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('who', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index('ix_attempt_at', ['at'], unique=False)
        batch_op.create_index('ix_attempt_who', ['kind', 'who', 'at'], unique=False)

    op.create_table('network',
    sa.Column('slug', sa.String(length=40).with_variant(sa.String(length=40, collation='C'), 'postgresql'), nullable=False),
    sa.Column('name', sa.String(length=80).with_variant(sa.String(length=80, collation='C'), 'postgresql'), nullable=False),
    sa.Column('timezone', sa.String(length=40), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('resolution', sa.BigInteger(), nullable=False),
    sa.Column('public', sa.Boolean(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('emergency_line', sa.String(length=200), nullable=False),
    sa.Column('phone_line', sa.String(length=200), nullable=False),
    sa.Column('welcome', sa.String(length=600), nullable=False),
    sa.Column('lease_hours', sa.BigInteger(), nullable=False),
    sa.Column('urgent_lease_hours', sa.BigInteger(), nullable=False),
    sa.Column('retention_days', sa.BigInteger(), nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint('resolution IN (7, 8, 9)', name=op.f('ck_network_resolution')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_network')),
    sa.UniqueConstraint('slug', name=op.f('uq_network_slug'))
    )
    op.create_table('account_token',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('network_id', sa.BigInteger(), nullable=True),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('purpose', sa.String(length=12), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_account_token_account_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_account_token_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_account_token')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_account_token_token_hash'))
    )
    op.create_table('area',
    sa.Column('name', sa.String(length=120).with_variant(sa.String(length=120, collation='C'), 'postgresql'), nullable=False),
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('outline', sa.JSON(), nullable=False),
    sa.Column('middle_cell', sa.BigInteger(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'parent_id'], ['area.network_id', 'area.id'], name=op.f('fk_area_network_id_parent_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_area_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_area'))
    )
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.create_index('uq_area_name', ['network_id', 'name'], unique=True)

    op.create_table('category',
    sa.Column('parent_id', sa.BigInteger(), nullable=True),
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('names', sa.JSON(), nullable=False),
    sa.Column('unit', sa.String(length=12), nullable=False),
    sa.Column('remote', sa.Boolean(), nullable=False),
    sa.Column('sensitive', sa.Boolean(), nullable=False),
    sa.Column('position', sa.BigInteger(), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'parent_id'], ['category.network_id', 'category.id'], name=op.f('fk_category_network_id_parent_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_category_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_category'))
    )
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.create_index('uq_category_key', ['network_id', 'key'], unique=True)

    op.create_table('person',
    sa.Column('name_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_typed_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('email_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('hours_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('phone_hash', sa.LargeBinary(), nullable=True),
    sa.Column('email_hash', sa.LargeBinary(), nullable=True),
    sa.Column('reach', sa.String(length=8), nullable=False),
    sa.Column('answered_for', sa.Boolean(), nullable=False),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('per_week', sa.BigInteger(), nullable=True),
    sa.Column('digest', sa.Boolean(), nullable=False),
    sa.Column('told_a_day', sa.BigInteger(), nullable=True),
    sa.Column('code_hash', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("reach IN ('email', 'call', 'none')", name=op.f('ck_person_reach')),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_person_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_person'))
    )
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.create_index('ix_person_email_hash', ['network_id', 'email_hash'], unique=False, postgresql_where=sa.text('email_hash IS NOT NULL'), sqlite_where=sa.text('email_hash IS NOT NULL'))
        batch_op.create_index('ix_person_phone_hash', ['network_id', 'phone_hash'], unique=False, postgresql_where=sa.text('phone_hash IS NOT NULL'), sqlite_where=sa.text('phone_hash IS NOT NULL'))
        batch_op.create_index('ix_person_told_a_day', ['network_id', 'told_a_day'], unique=False, postgresql_where=sa.text('told_a_day IS NOT NULL'), sqlite_where=sa.text('told_a_day IS NOT NULL'))
        batch_op.create_index('uq_person_code', ['network_id', 'code_hash'], unique=True)

    op.create_table('access_link',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_access_link_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_access_link_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_access_link'))
    )
    with op.batch_alter_table('access_link', schema=None) as batch_op:
        batch_op.create_index('ix_access_link_person', ['network_id', 'person_id'], unique=False)
        batch_op.create_index('uq_access_link_token', ['network_id', 'token_hash'], unique=True)

    op.create_table('area_cell',
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('cell', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'area_id'], ['area.network_id', 'area.id'], name=op.f('fk_area_cell_network_id_area_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_area_cell_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'cell', name=op.f('pk_area_cell'))
    )
    with op.batch_alter_table('area_cell', schema=None) as batch_op:
        batch_op.create_index('ix_area_cell_area', ['network_id', 'area_id'], unique=False)

    op.create_table('do_not_match',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('other_id', sa.BigInteger(), nullable=True),
    sa.Column('contact_hash', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'other_id'], ['person.network_id', 'person.id'], name=op.f('fk_do_not_match_network_id_other_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_do_not_match_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_do_not_match_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_do_not_match'))
    )
    with op.batch_alter_table('do_not_match', schema=None) as batch_op:
        batch_op.create_index('ix_do_not_match_contact_hash', ['network_id', 'contact_hash'], unique=False, postgresql_where=sa.text('contact_hash IS NOT NULL'), sqlite_where=sa.text('contact_hash IS NOT NULL'))
        batch_op.create_index('ix_do_not_match_other', ['network_id', 'other_id'], unique=False)
        batch_op.create_index('ix_do_not_match_person', ['network_id', 'person_id'], unique=False)

    op.create_table('draft',
    sa.Column('kind', sa.String(length=5), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('answers_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('code_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_draft_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_draft_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_draft'))
    )
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.create_index('ix_draft_expires', ['expires_at'], unique=False)
        batch_op.create_index('ix_draft_person_id', ['network_id', 'person_id'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))
        batch_op.create_index('uq_draft_token', ['network_id', 'token_hash'], unique=True)

    op.create_table('membership',
    sa.Column('account_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('role', sa.String(length=12), nullable=False),
    sa.Column('area_ids', sa.JSON(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('joined_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('recalled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("role IN ('helper', 'coordinator', 'steward')", name=op.f('ck_membership_role')),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_membership_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_membership_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_membership'))
    )
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.create_index('ix_membership_person_id', ['network_id', 'person_id'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))
        batch_op.create_index('uq_membership_account', ['network_id', 'account_id'], unique=True)

    op.create_table('post',
    sa.Column('kind', sa.String(length=5), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('category_id', sa.BigInteger(), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=True),
    sa.Column('cell', sa.BigInteger(), nullable=True),
    sa.Column('measure_cell', sa.BigInteger(), nullable=True),
    sa.Column('quantity', sa.BigInteger(), nullable=False),
    sa.Column('uncovered', sa.BigInteger(), nullable=False),
    sa.Column('stock', sa.BigInteger(), nullable=True),
    sa.Column('stock_left', sa.BigInteger(), nullable=True),
    sa.Column('per_week', sa.BigInteger(), nullable=True),
    sa.Column('travel', sa.String(length=6), nullable=False),
    sa.Column('reach_km', sa.BigInteger(), nullable=True),
    sa.Column('times', sa.BigInteger(), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=True),
    sa.Column('until_day', sa.Date(), nullable=True),
    sa.Column('urgency', sa.BigInteger(), nullable=False),
    sa.Column('languages', sa.JSON(), nullable=False),
    sa.Column('interpreter', sa.Boolean(), nullable=False),
    sa.Column('traits', sa.JSON(), nullable=False),
    sa.Column('language_bits', sa.BigInteger(), nullable=False),
    sa.Column('trait_bits', sa.BigInteger(), nullable=False),
    sa.Column('choose_for_me', sa.Boolean(), nullable=False),
    sa.Column('intake', sa.String(length=10), nullable=True),
    sa.Column('intake_until', sa.Date(), nullable=True),
    sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=6), nullable=False),
    sa.Column('outcome', sa.String(length=10), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('duplicate_of_id', sa.BigInteger(), nullable=True),
    sa.Column('front_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('taken_in_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('last_sign_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_still_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('posted_by_id', sa.BigInteger(), nullable=True),
    sa.Column('claimed', sa.Boolean(), nullable=False),
    sa.Column('draft_id', sa.BigInteger(), nullable=True),
    sa.Column('source', sa.String(length=40), nullable=True),
    sa.Column('source_row', sa.String(length=80), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("(state = 'closed') = (outcome IS NOT NULL)", name=op.f('ck_post_outcome')),
    sa.CheckConstraint("kind IN ('need', 'offer')", name=op.f('ck_post_kind')),
    sa.CheckConstraint("state IN ('open', 'closed')", name=op.f('ck_post_state')),
    sa.CheckConstraint("travel IN ('come', 'host', 'either')", name=op.f('ck_post_travel')),
    sa.CheckConstraint('quantity >= 1', name=op.f('ck_post_quantity')),
    sa.CheckConstraint('stock_left IS NULL OR (stock_left >= 0 AND stock_left <= stock)', name=op.f('ck_post_stock_left')),
    sa.CheckConstraint('uncovered >= 0 AND uncovered <= quantity', name=op.f('ck_post_uncovered')),
    sa.ForeignKeyConstraint(['network_id', 'area_id'], ['area.network_id', 'area.id'], name=op.f('fk_post_network_id_area_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'category_id'], ['category.network_id', 'category.id'], name=op.f('fk_post_network_id_category_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'duplicate_of_id'], ['post.network_id', 'post.id'], name=op.f('fk_post_network_id_duplicate_of_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_post_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'posted_by_id'], ['person.network_id', 'person.id'], name=op.f('fk_post_network_id_posted_by_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_post_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_post'))
    )
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.create_index('ix_post_asked', ['network_id', 'created_at'], unique=False, postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND asked_still_at IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND asked_still_at IS NOT NULL"))
        batch_op.create_index('ix_post_front', ['network_id', 'kind', 'front_at', 'urgency', 'created_at', 'id', 'taken_in_at', 'asked_still_at', 'state', 'intake', 'paused_at', 'uncovered', 'area_id', 'category_id', 'language_bits'], unique=False, postgresql_where=sa.text("state = 'open' AND front_at IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND front_at IS NOT NULL"))
        batch_op.create_index('ix_post_intake', ['network_id', 'intake_until', 'created_at', 'id'], unique=False, postgresql_where=sa.text("state = 'open' AND intake IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND intake IS NOT NULL"))
        batch_op.create_index('ix_post_listed', ['network_id', 'kind', 'urgency', 'created_at', 'id', 'state', 'front_at', 'area_id', 'category_id', 'language_bits'], unique=False, postgresql_where=sa.text("state = 'open' AND front_at IS NULL"), sqlite_where=sa.text("state = 'open' AND front_at IS NULL"))
        batch_op.create_index('ix_post_unread', ['network_id', 'urgency', 'created_at', 'id', 'kind', 'front_at', 'taken_in_at', 'asked_still_at', 'state', 'intake', 'paused_at', 'uncovered', 'area_id', 'category_id', 'language_bits'], unique=False, postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL AND taken_in_at IS NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL AND taken_in_at IS NULL"))
        batch_op.create_index('ix_post_waiting', ['network_id', 'urgency', 'created_at', 'id', 'kind', 'front_at', 'taken_in_at', 'asked_still_at', 'state', 'intake', 'paused_at', 'uncovered', 'area_id', 'category_id', 'language_bits'], unique=False, postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL"))
        batch_op.create_index('ix_post_draft', ['network_id', 'draft_id'], unique=False)
        batch_op.create_index('ix_post_duplicate_of_id', ['network_id', 'duplicate_of_id'], unique=False, postgresql_where=sa.text('duplicate_of_id IS NOT NULL'), sqlite_where=sa.text('duplicate_of_id IS NOT NULL'))
        batch_op.create_index('ix_post_open_cell', ['network_id', 'kind', 'category_id', 'measure_cell', 'created_at', 'id', 'person_id', 'area_id', 'state', 'paused_at', 'intake', 'travel', 'reach_km', 'times', 'from_day', 'until_day', 'interpreter', 'language_bits', 'trait_bits', 'uncovered', 'stock_left'], unique=False, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_post_open_waiting', ['network_id', 'kind', 'category_id', 'created_at', 'id'], unique=False, postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.create_index('ix_post_person', ['network_id', 'person_id'], unique=False)
        batch_op.create_index('ix_post_posted_by_id', ['network_id', 'posted_by_id'], unique=False, postgresql_where=sa.text('posted_by_id IS NOT NULL'), sqlite_where=sa.text('posted_by_id IS NOT NULL'))
        batch_op.create_index('ix_post_untold', ['network_id', 'created_at'], unique=False, postgresql_where=sa.text('told_at IS NULL AND source IS NULL'), sqlite_where=sa.text('told_at IS NULL AND source IS NULL'))
        batch_op.create_index('uq_post_source', ['network_id', 'source', 'source_row', 'kind', 'category_id'], unique=True, postgresql_where=sa.text('source IS NOT NULL'), sqlite_where=sa.text('source IS NOT NULL'))

    op.create_table('area_count',
    sa.Column('network_id', sa.BigInteger(), nullable=False),
    sa.Column('area_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=5), nullable=False),
    sa.Column('category_id', sa.BigInteger(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_area_count_network_id'), initially='DEFERRED', deferrable=True)
    )
    with op.batch_alter_table('area_count', schema=None) as batch_op:
        batch_op.create_index('ix_area_count', ['network_id', 'area_id', 'category_id', 'kind', 'number'], unique=False)

    op.create_table('language_count',
    sa.Column('network_id', sa.BigInteger(), nullable=False),
    sa.Column('languages', sa.String(length=400), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_language_count_network_id'), initially='DEFERRED', deferrable=True)
    )
    with op.batch_alter_table('language_count', schema=None) as batch_op:
        batch_op.create_index('ix_language_count', ['network_id', 'languages', 'number'], unique=False)

    start_counting(op.get_bind())

    op.create_table('match',
    sa.Column('need_id', sa.BigInteger(), nullable=False),
    sa.Column('offer_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('promised', sa.BigInteger(), nullable=False),
    sa.Column('given', sa.BigInteger(), nullable=False),
    sa.Column('proposed_by_id', sa.BigInteger(), nullable=True),
    sa.Column('proposed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lease_renewed', sa.Boolean(), nullable=False),
    sa.Column('need_yes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('offer_yes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('agreed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('by_silence', sa.Boolean(), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('rests_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'agreed', 'delivered', 'confirmed', 'disputed', 'declined', 'retracted', 'lapsed', 'released')", name=op.f('ck_match_state')),
    sa.CheckConstraint('given >= 0 AND given <= promised', name=op.f('ck_match_given')),
    sa.CheckConstraint('promised >= 1', name=op.f('ck_match_promised')),
    sa.ForeignKeyConstraint(['network_id', 'need_id'], ['post.network_id', 'post.id'], name=op.f('fk_match_network_id_need_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'offer_id'], ['post.network_id', 'post.id'], name=op.f('fk_match_network_id_offer_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_match_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_match'))
    )
    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.create_index('ix_match_need', ['network_id', 'need_id'], unique=False)
        batch_op.create_index('ix_match_offer', ['network_id', 'offer_id'], unique=False)
        batch_op.create_index('ix_match_standing', ['network_id', 'need_id', 'state', 'lease_until', 'due_at', 'delivered_at'], unique=False, postgresql_where=sa.text("state IN ('proposed', 'agreed', 'delivered', 'disputed')"), sqlite_where=sa.text("state IN ('proposed', 'agreed', 'delivered', 'disputed')"))
        batch_op.create_index('ix_match_state', ['network_id', 'state', 'need_id', 'lease_until', 'due_at', 'delivered_at'], unique=False)
        batch_op.create_index('uq_match_live_pair', ['network_id', 'need_id', 'offer_id'], unique=True, postgresql_where=sa.text("state IN ('proposed', 'agreed', 'delivered')"), sqlite_where=sa.text("state IN ('proposed', 'agreed', 'delivered')"))

    op.create_table('post_details',
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'id'], ['post.network_id', 'post.id'], name=op.f('fk_post_details_network_id_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_post_details_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_post_details'))
    )
    op.create_table('event',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('verb', sa.String(length=24), nullable=False),
    sa.Column('actor_id', sa.BigInteger(), nullable=True),
    sa.Column('actor_role', sa.String(length=12), nullable=False),
    sa.Column('person_id', sa.BigInteger(), nullable=True),
    sa.Column('post_id', sa.BigInteger(), nullable=True),
    sa.Column('match_id', sa.BigInteger(), nullable=True),
    sa.Column('quantity', sa.BigInteger(), nullable=True),
    sa.Column('reason', sa.String(length=24), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'actor_id'], ['person.network_id', 'person.id'], name=op.f('fk_event_network_id_actor_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'match_id'], ['match.network_id', 'match.id'], name=op.f('fk_event_network_id_match_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_event_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'post_id'], ['post.network_id', 'post.id'], name=op.f('fk_event_network_id_post_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_event_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_event'))
    )
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.create_index('ix_event_actor_id', ['network_id', 'actor_id'], unique=False, postgresql_where=sa.text('actor_id IS NOT NULL'), sqlite_where=sa.text('actor_id IS NOT NULL'))
        batch_op.create_index('ix_event_match', ['network_id', 'match_id', 'at'], unique=False)
        batch_op.create_index('ix_event_person', ['network_id', 'person_id', 'at'], unique=False)
        batch_op.create_index('ix_event_post', ['network_id', 'post_id', 'at'], unique=False)

    op.create_table('match_details',
    sa.Column('address_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'id'], ['match.network_id', 'match.id'], name=op.f('fk_match_details_network_id_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_match_details_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_match_details'))
    )
    op.create_table('notice',
    sa.Column('person_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('channel', sa.String(length=8), nullable=False),
    sa.Column('post_id', sa.BigInteger(), nullable=True),
    sa.Column('match_id', sa.BigInteger(), nullable=True),
    sa.Column('numbers', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('send_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('claimed_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=12), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.CheckConstraint("channel IN ('email', 'call')", name=op.f('ck_notice_channel')),
    sa.ForeignKeyConstraint(['network_id', 'match_id'], ['match.network_id', 'match.id'], name=op.f('fk_notice_network_id_match_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'person_id'], ['person.network_id', 'person.id'], name=op.f('fk_notice_network_id_person_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id', 'post_id'], ['post.network_id', 'post.id'], name=op.f('fk_notice_network_id_post_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_notice_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_match_id', ['network_id', 'match_id'], unique=False, postgresql_where=sa.text('match_id IS NOT NULL'), sqlite_where=sa.text('match_id IS NOT NULL'))
        batch_op.create_index('ix_notice_network', ['network_id', 'done_at', 'channel'], unique=False)
        batch_op.create_index('ix_notice_person_id', ['network_id', 'person_id'], unique=False, postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))
        batch_op.create_index('ix_notice_post_id', ['network_id', 'post_id'], unique=False, postgresql_where=sa.text('post_id IS NOT NULL'), sqlite_where=sa.text('post_id IS NOT NULL'))
        batch_op.create_index('ix_notice_waiting', ['done_at', 'channel', 'send_after'], unique=False)

    op.create_table('event_note',
    sa.Column('text_sealed', sa.LargeBinary(), nullable=True),
    sa.Column('network_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['network_id', 'id'], ['event.network_id', 'event.id'], name=op.f('fk_event_note_network_id_id'), initially='DEFERRED', deferrable=True),
    sa.ForeignKeyConstraint(['network_id'], ['network.id'], name=op.f('fk_event_note_network_id'), initially='DEFERRED', deferrable=True),
    sa.PrimaryKeyConstraint('network_id', 'id', name=op.f('pk_event_note'))
    )


def downgrade() -> None:
    op.drop_table('event_note')
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.drop_index('ix_notice_waiting')
        batch_op.drop_index('ix_notice_post_id', postgresql_where=sa.text('post_id IS NOT NULL'), sqlite_where=sa.text('post_id IS NOT NULL'))
        batch_op.drop_index('ix_notice_person_id', postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))
        batch_op.drop_index('ix_notice_network')
        batch_op.drop_index('ix_notice_match_id', postgresql_where=sa.text('match_id IS NOT NULL'), sqlite_where=sa.text('match_id IS NOT NULL'))

    op.drop_table('notice')
    op.drop_table('match_details')
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_index('ix_event_post')
        batch_op.drop_index('ix_event_person')
        batch_op.drop_index('ix_event_match')
        batch_op.drop_index('ix_event_actor_id', postgresql_where=sa.text('actor_id IS NOT NULL'), sqlite_where=sa.text('actor_id IS NOT NULL'))

    op.drop_table('event')
    op.drop_table('post_details')
    with op.batch_alter_table('match', schema=None) as batch_op:
        batch_op.drop_index('uq_match_live_pair', postgresql_where=sa.text("state IN ('proposed', 'agreed', 'delivered')"), sqlite_where=sa.text("state IN ('proposed', 'agreed', 'delivered')"))
        batch_op.drop_index('ix_match_state')
        batch_op.drop_index('ix_match_standing', postgresql_where=sa.text("state IN ('proposed', 'agreed', 'delivered', 'disputed')"), sqlite_where=sa.text("state IN ('proposed', 'agreed', 'delivered', 'disputed')"))
        batch_op.drop_index('ix_match_offer')
        batch_op.drop_index('ix_match_need')

    op.drop_table('match')
    stop_counting(op.get_bind())
    with op.batch_alter_table('language_count', schema=None) as batch_op:
        batch_op.drop_index('ix_language_count')

    op.drop_table('language_count')
    with op.batch_alter_table('area_count', schema=None) as batch_op:
        batch_op.drop_index('ix_area_count')

    op.drop_table('area_count')
    with op.batch_alter_table('post', schema=None) as batch_op:
        batch_op.drop_index('ix_post_untold', postgresql_where=sa.text('told_at IS NULL AND source IS NULL'), sqlite_where=sa.text('told_at IS NULL AND source IS NULL'))
        batch_op.drop_index('uq_post_source', postgresql_where=sa.text('source IS NOT NULL'), sqlite_where=sa.text('source IS NOT NULL'))
        batch_op.drop_index('ix_post_posted_by_id', postgresql_where=sa.text('posted_by_id IS NOT NULL'), sqlite_where=sa.text('posted_by_id IS NOT NULL'))
        batch_op.drop_index('ix_post_person')
        batch_op.drop_index('ix_post_open_cell', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_post_open_waiting', postgresql_where=sa.text("state = 'open'"), sqlite_where=sa.text("state = 'open'"))
        batch_op.drop_index('ix_post_duplicate_of_id', postgresql_where=sa.text('duplicate_of_id IS NOT NULL'), sqlite_where=sa.text('duplicate_of_id IS NOT NULL'))
        batch_op.drop_index('ix_post_draft')
        batch_op.drop_index('ix_post_waiting', postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL"))
        batch_op.drop_index('ix_post_unread', postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL AND taken_in_at IS NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND front_at IS NULL AND taken_in_at IS NULL"))
        batch_op.drop_index('ix_post_listed', postgresql_where=sa.text("state = 'open' AND front_at IS NULL"), sqlite_where=sa.text("state = 'open' AND front_at IS NULL"))
        batch_op.drop_index('ix_post_intake', postgresql_where=sa.text("state = 'open' AND intake IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND intake IS NOT NULL"))
        batch_op.drop_index('ix_post_front', postgresql_where=sa.text("state = 'open' AND front_at IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND front_at IS NOT NULL"))
        batch_op.drop_index('ix_post_asked', postgresql_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND asked_still_at IS NOT NULL"), sqlite_where=sa.text("state = 'open' AND kind = 'need' AND intake IS NULL AND paused_at IS NULL AND uncovered > 0 AND asked_still_at IS NOT NULL"))

    op.drop_table('post')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_index('uq_membership_account')
        batch_op.drop_index('ix_membership_person_id', postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))

    op.drop_table('membership')
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.drop_index('uq_draft_token')
        batch_op.drop_index('ix_draft_person_id', postgresql_where=sa.text('person_id IS NOT NULL'), sqlite_where=sa.text('person_id IS NOT NULL'))
        batch_op.drop_index('ix_draft_expires')

    op.drop_table('draft')
    with op.batch_alter_table('do_not_match', schema=None) as batch_op:
        batch_op.drop_index('ix_do_not_match_person')
        batch_op.drop_index('ix_do_not_match_other')
        batch_op.drop_index('ix_do_not_match_contact_hash', postgresql_where=sa.text('contact_hash IS NOT NULL'), sqlite_where=sa.text('contact_hash IS NOT NULL'))

    op.drop_table('do_not_match')
    with op.batch_alter_table('area_cell', schema=None) as batch_op:
        batch_op.drop_index('ix_area_cell_area')

    op.drop_table('area_cell')
    with op.batch_alter_table('access_link', schema=None) as batch_op:
        batch_op.drop_index('uq_access_link_token')
        batch_op.drop_index('ix_access_link_person')

    op.drop_table('access_link')
    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.drop_index('uq_person_code')
        batch_op.drop_index('ix_person_told_a_day', postgresql_where=sa.text('told_a_day IS NOT NULL'), sqlite_where=sa.text('told_a_day IS NOT NULL'))
        batch_op.drop_index('ix_person_phone_hash', postgresql_where=sa.text('phone_hash IS NOT NULL'), sqlite_where=sa.text('phone_hash IS NOT NULL'))
        batch_op.drop_index('ix_person_email_hash', postgresql_where=sa.text('email_hash IS NOT NULL'), sqlite_where=sa.text('email_hash IS NOT NULL'))

    op.drop_table('person')
    with op.batch_alter_table('category', schema=None) as batch_op:
        batch_op.drop_index('uq_category_key')

    op.drop_table('category')
    with op.batch_alter_table('area', schema=None) as batch_op:
        batch_op.drop_index('uq_area_name')

    op.drop_table('area')
    op.drop_table('account_token')
    op.drop_table('network')
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.drop_index('ix_attempt_who')
        batch_op.drop_index('ix_attempt_at')

    op.drop_table('attempt')
    op.drop_table('account')
