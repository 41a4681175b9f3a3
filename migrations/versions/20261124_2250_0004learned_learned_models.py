"""Models learned from decisions.

Revision ID: 0004learned
Revises: 0003groups
"""

import sqlalchemy as sa
from alembic import op

revision = '0004learned'
down_revision = '0003groups'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('ranking_model',
    sa.Column('id', sa.String(length=400), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.Enum('candidate', 'in_use', 'retired', name='modelstate', native_enum=False, length=32), nullable=False),
    sa.Column('verdict', sa.Enum('better', 'too_few', 'one_sided', 'margin', 'order', 'silent', name='verdict', native_enum=False, length=32), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('trained_by_id', sa.String(length=400), nullable=True),
    sa.Column('heard_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('heard_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('later_from', sa.DateTime(timezone=True), nullable=True),
    sa.Column('decision_count', sa.BigInteger(), nullable=False),
    sa.Column('yes_count', sa.BigInteger(), nullable=False),
    sa.Column('left_out_count', sa.BigInteger(), nullable=False),
    sa.Column('champion_version', sa.String(length=400), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('weights', sa.JSON(), nullable=False),
    sa.Column('used_since', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('number >= 1', name=op.f('ck_ranking_model_number_positive')),
    sa.ForeignKeyConstraint(['trained_by_id'], ['person.id'], name=op.f('fk_ranking_model_trained_by_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ranking_model')),
    sa.UniqueConstraint('number', name=op.f('uq_ranking_model_number'))
    )
    with op.batch_alter_table('ranking_model', schema=None) as batch_op:
        batch_op.create_index('uq_ranking_model_in_use', ['state'], unique=True, sqlite_where=sa.text("state = 'in_use'"), postgresql_where=sa.text("state = 'in_use'"))


def downgrade() -> None:
    op.drop_table('ranking_model')
