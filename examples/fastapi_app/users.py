"""The shop's own tables; those of wxlogin stand beside them, in a database of its own."""

import os
from datetime import UTC, datetime

from sqlalchemy import ForeignKey, UniqueConstraint, create_engine, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ.get("SHOP_DATABASE_URL", "sqlite:///shop.db"))


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("app_id", "openid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    app_id: Mapped[str]
    openid: Mapped[str]
    role: Mapped[str] = mapped_column(default="customer")
    invited_by: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class Coupon(Base):
    """One for each new user. The event's id is the key: told twice, it is given once."""

    __tablename__ = "coupons"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    payer_openid: Mapped[str]


def find_or_add(app_id: str, openid: str, *, invited_by: int | None) -> int:
    """The user's id. Asked twice, or twice at once, it is the same one."""
    with Session(engine) as db, db.begin():
        new = insert(User).values(app_id=app_id, openid=openid, invited_by=invited_by)
        db.execute(new.on_conflict_do_nothing(index_elements=["app_id", "openid"]))
        wanted = select(User.id).where(User.app_id == app_id, User.openid == openid)
        return db.scalars(wanted).one()


def find_user(user_id: int) -> User | None:
    with Session(engine) as db:
        return db.get(User, user_id)


def give_coupon(event_id: str, user_id: int) -> None:
    with Session(engine) as db, db.begin():
        db.merge(Coupon(event_id=event_id, user_id=user_id))


def coupons_of(user: User) -> int:
    with Session(engine) as db:
        return len(db.scalars(select(Coupon).where(Coupon.user_id == user.id)).all())


def add_order(user: User, *, payer_openid: str) -> int:
    with Session(engine) as db, db.begin():
        order = Order(user_id=user.id, payer_openid=payer_openid)
        db.add(order)
        db.flush()
        return order.id
