"""Goods that are named as a whole, what stands in for what; gains are called chances.

Revision ID: 0003groups
Revises: 0002append
"""

import sqlalchemy as sa
from alembic import op

revision = '0003groups'
down_revision = '0002append'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('commodity_group',
    sa.Column('code', sa.String(length=400), nullable=False),
    sa.Column('name_id', sa.String(length=400), nullable=False),
    sa.Column('name_en', sa.String(length=400), nullable=False),
    sa.PrimaryKeyConstraint('code', name=op.f('pk_commodity_group'))
    )
    op.create_table('commodity_group_member',
    sa.Column('id', sa.String(length=400), nullable=False),
    sa.Column('group_code', sa.String(length=400), nullable=False),
    sa.Column('member_code', sa.String(length=400), nullable=False),
    sa.Column('is_edge', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['group_code'], ['commodity_group.code'], name=op.f('fk_commodity_group_member_group_code'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commodity_group_member')),
    sa.UniqueConstraint('group_code', 'member_code', name=op.f('uq_commodity_group_member_group_code_member_code'))
    )
    op.create_table('commodity_group_word',
    sa.Column('id', sa.String(length=400), nullable=False),
    sa.Column('group_code', sa.String(length=400), nullable=False),
    sa.Column('word', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['group_code'], ['commodity_group.code'], name=op.f('fk_commodity_group_word_group_code'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commodity_group_word')),
    sa.UniqueConstraint('group_code', 'word', name=op.f('uq_commodity_group_word_group_code_word'))
    )
    op.create_table('commodity_stand_in',
    sa.Column('id', sa.String(length=400), nullable=False),
    sa.Column('asked_code', sa.String(length=400), nullable=False),
    sa.Column('offered_code', sa.String(length=400), nullable=False),
    sa.Column('value', sa.BigInteger(), nullable=False),
    sa.CheckConstraint('value BETWEEN 0 AND 2', name=op.f('ck_commodity_stand_in_value_known')),
    sa.ForeignKeyConstraint(['asked_code'], ['commodity.code'], name=op.f('fk_commodity_stand_in_asked_code'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['offered_code'], ['commodity.code'], name=op.f('fk_commodity_stand_in_offered_code'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commodity_stand_in')),
    sa.UniqueConstraint('asked_code', 'offered_code', name=op.f('uq_commodity_stand_in_asked_code_offered_code'))
    )
    op.create_table('commodity_material',
    sa.Column('id', sa.String(length=400), nullable=False),
    sa.Column('product_code', sa.String(length=400), nullable=False),
    sa.Column('material_code', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['material_code'], ['commodity.code'], name=op.f('fk_commodity_material_material_code'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['product_code'], ['commodity.code'], name=op.f('fk_commodity_material_product_code'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_commodity_material')),
    sa.UniqueConstraint('product_code', 'material_code', name=op.f('uq_commodity_material_product_code_material_code'))
    )
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.alter_column('buyer_gain', new_column_name='buyer_chance')
        batch_op.alter_column('seller_gain', new_column_name='seller_chance')


def downgrade() -> None:
    with op.batch_alter_table('proposal', schema=None) as batch_op:
        batch_op.alter_column('buyer_chance', new_column_name='buyer_gain')
        batch_op.alter_column('seller_chance', new_column_name='seller_gain')
    op.drop_table('commodity_material')
    op.drop_table('commodity_stand_in')
    op.drop_table('commodity_group_word')
    op.drop_table('commodity_group_member')
    op.drop_table('commodity_group')
