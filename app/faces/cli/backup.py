"""``flask backup make | verify | list | restore | key``: one command each way, read by whoever minds the machine.

The archive is sealed with a key of its own (``BACKUP_KEY``, else ``DATA_DIR/keys/backup``, made at the first backup).
No key is ever inside: what must be kept apart is printed with every backup.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app import clock, config
from app.faces.cli import schema
from app.faces.cli.community import base_host
from app.people.actor import SYSTEM
from app.people.street_log import log_street
from tenants import queue
from tenants.backup import making, restoring, tables
from tenants.backup.sealed import BadArchive
from tenants.database import db
from tenants.scope import Scope, bound

group = AppGroup("backup", help="Backup and restore.")
ARCHIVE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: Without these nothing sealed can be read again: telephones, and the codes with which people find their matters.
NEEDED_KEYS = {"HMAC_KEY": "hmac", "SEAL_KEY": "seal"}


@group.command()
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="default: DATA_DIR/backup")
@click.option("--community", "slug", default="", help="one hall alone, by its slug")
@click.option("--keep", type=click.IntRange(1), default=30, show_default=True, help="how many to keep in the folder")
def make(folder: Path | None, slug: str, keep: int) -> None:
    """Back up the whole street, or one hall, as one encrypted file, and read it back once to be sure."""
    begun = datetime.now(UTC)
    with _in_words():
        place = _place()
        home = (folder or place.data / "backup").resolve()
        made = making.make(place, home, slug=slug, keys=_fingerprints(), version=_version(), now=begun)
        if not slug:
            making.note_last(place.data, made)
        gone = making.thin_out(home, slug, keep)
    seconds = (datetime.now(UTC) - begun).total_seconds()
    _tell(made.manifest)
    click.echo(_("备份好了，也重新读过一遍：%(file)s", file=made.path))
    click.echo(
        _("%(size)s 字节，用了 %(seconds).1f 秒。sha256 %(sum)s", size=made.size, seconds=seconds, sum=made.sha256)
    )
    if gone:
        click.echo(_("只留最近 %(keep)s 份，清掉了更早的 %(n)s 份。", keep=keep, n=len(gone)))
    _tell_keys(place.data)


@group.command()
@click.argument("archive", type=ARCHIVE)
def verify(archive: Path) -> None:
    """Read an archive from end to end: whole, unchanged, and this key opens it."""
    with _in_words():
        manifest = making.verify(archive, _key())
    _tell(manifest)
    click.echo(_("这份备份是完整的，一个字节也没动过：%(file)s", file=archive))


@group.command("list")
@click.option("--in", "folder", type=click.Path(file_okay=False, path_type=Path), help="default: DATA_DIR/backup")
def list_(folder: Path | None) -> None:
    """Every archive of a folder, the newest first: when, what of, size in bytes, file."""
    home = folder or Path(current_app.config["DATA_DIR"]) / "backup"
    for path, facts in making.archives(home):
        click.echo(f"{facts['made_at']}\t{facts.get('slug') or '*'}\t{path.stat().st_size}\t{path.name}")


@group.command()
@click.argument("archive", type=ARCHIVE)
@click.option("--community", "slug", default="", help="put back this hall alone; everybody else goes on working")
@click.option("--yes", is_flag=True, help="do not ask")
@click.option("--other-keys", is_flag=True, help="although this folder's keys are not those of the backed-up street")
def restore(archive: Path, slug: str, yes: bool, other_keys: bool) -> None:
    """Put a street back into an empty data folder, or one hall back into the running street."""
    with _in_words():
        place = _place()
        manifest = making.verify(archive, place.key)
        _tell(manifest)
        _insist_on_keys(manifest, other_keys)
        if manifest["slug"] and not slug:
            raise restoring.CannotRestore("only_hall", slug=manifest["slug"])
        if slug:
            restoring.hall_in(manifest, place.host, slug)
            _ask(
                _("这会用备份里的样子换掉「%(slug)s」现在的全部数据和文件，备份以后的事都没有了。换吗？", slug=slug),
                yes,
            )
            done = restoring.one_hall(place, archive, slug)
            _told_the_street(done, slug, manifest)
        else:
            restoring.insist_on_empty(place)
            _ask(_("数据库和文件夹是空的，把整条街道的数据放进去吗？"), yes)
            done = _whole_street(place, archive, manifest)
    rows = sum(done.rows.values())
    click.echo(_("恢复好了：%(tables)s 张表 %(rows)s 行，%(files)s 个文件，每张表都和备份对过。",
                 tables=len(done.rows), rows=rows, files=done.files))  # fmt: skip


@group.command("key")
def key_() -> None:
    """Print the backup key, to be kept away from this machine."""
    click.echo(_key())


def _place() -> making.Place:
    url = os.environ.get("DATABASE_BACKUP_URL") or os.environ.get("DATABASE_OWNER_URL") or ""
    if not url:
        raise click.ClickException(_("没有设置 DATABASE_OWNER_URL：备份要用数据库主人的登录。"))
    return making.Place(url, Path(current_app.config["DATA_DIR"]), _key(), base_host())


def _key() -> str:
    return config.backup_key(Path(current_app.config["DATA_DIR"]))


def _fingerprints() -> dict[str, str]:
    """What tells one key from another and gives nothing of it away."""
    return {name: _fingerprint(str(current_app.config[name])) for name in NEEDED_KEYS}


def _fingerprint(key: str) -> str:
    return hmac.new(key.encode(), b"yiqilai key fingerprint", hashlib.sha256).hexdigest()[:16]


def _insist_on_keys(manifest: dict[str, Any], other_keys: bool) -> None:
    here = _fingerprints()
    wrong = [NEEDED_KEYS[name] for name, mark in manifest["keys"].items() if here.get(name) != mark]
    if wrong and not other_keys:
        raise restoring.CannotRestore("keys", names="、".join(wrong), folder=str(_keys_folder()))


def _keys_folder() -> Path:
    return Path(current_app.config["DATA_DIR"]) / "keys"


def _whole_street(place: making.Place, archive: Path, manifest: dict[str, Any]) -> restoring.Restored:
    """Tables of just the archive's version first; what the program has added since comes after the rows."""
    schema.bring_to(place.owner_url, manifest["revision"])
    done = restoring.whole_street(place, archive)
    schema.bring_to_head(place.owner_url)
    return done


def _told_the_street(done: restoring.Restored, slug: str, manifest: dict[str, Any]) -> None:
    """The street's log says that a hall's yesterday came back; what was drawn for the hall's today is forgotten."""
    with bound(Scope("street", street=done.street)):
        log_street("hall", "from_backup", by=SYSTEM, now=clock.now(), after=f"{slug} {manifest['made_at']}")
        db.session.commit()
        db.session.remove()
    with bound(Scope("community", street=done.street, community=done.community)):
        queue.forget_keys()


def _ask(question: str, yes: bool) -> None:
    if not yes:
        click.confirm(question, abort=True)


def _tell(manifest: dict[str, Any]) -> None:
    parts = manifest["parts"]
    rows = sum(part["rows"] for part in parts if part["kind"] == "table")
    stored = [part["bytes"] for part in parts if part["kind"] == "file"]
    of = manifest["slug"] or _("整条街道 %(n)s 个社区", n=len(manifest["halls"]))
    click.echo(_("备份时间 %(at)s，范围：%(of)s，数据库版本 %(revision)s",
                 at=manifest["made_at"], of=of, revision=manifest["revision"]))  # fmt: skip
    click.echo(_("%(tables)s 张表 %(rows)s 行，%(files)s 个文件 %(bytes)s 字节",
                 tables=len(parts) - len(stored), rows=rows, files=len(stored), bytes=sum(stored)))  # fmt: skip


def _tell_keys(data: Path) -> None:
    click.echo(_("备份是加密的，钥匙不在里面，都在 %(folder)s。", folder=data / "keys"))
    click.echo(_("请把 backup、seal、hmac、session 这几把抄一份，锁在别的地方，不要和备份放在一起。"))
    click.echo(_("没有 backup 打不开备份；没有 seal 和 hmac，电话和查询码再也读不出来。"))


def _version() -> str:
    """The revision of the source, where the folder knows it."""
    head = Path(current_app.root_path).parent / ".git" / "HEAD"
    try:
        named = head.read_text().strip().removeprefix("ref: ")
        return (head.parent / named).read_text().strip()[:12] if "/" in named else named[:12]
    except OSError:
        return ""


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except BadArchive as error:
        raise click.ClickException({
            "foreign": _("这不是本平台的备份文件。"),
            "key": _("这份备份不是用这把钥匙锁的。请把当时的 backup 钥匙放进 keys 文件夹，或者写进 BACKUP_KEY。"),
            "cut": _("这份备份不完整，后面少了一截。请换一份。"),
            "damaged": _("这份备份坏了，有地方被改过。请换一份。"),
        }[error.kind]) from error  # fmt: skip
    except restoring.CannotRestore as error:
        raise click.ClickException(_refusal(error)) from error
    except making.NoSuchHall as error:
        raise click.ClickException(_("没有叫「%(slug)s」的社区。", slug=error.args[0])) from error
    except tables.SeesTooLittle as error:
        raise click.ClickException(_(
            "数据库登录 %(who)s 看不全数据，备份会是空的。请用超级用户，或者让管库的人执行："
            "CREATE ROLE cm_backup LOGIN BYPASSRLS PASSWORD '…'; GRANT pg_read_all_data TO cm_backup; "
            "再把它的地址写进 DATABASE_BACKUP_URL。", who=error.args[0])) from error  # fmt: skip
    except OperationalError as error:
        raise click.ClickException(_("数据库连不上，什么也没动。请看看它开着没有。")) from error
    except OSError as error:
        raise click.ClickException(_("磁盘不让写（%(why)s），什么也没动。", why=error.strerror or "")) from error


def _refusal(error: restoring.CannotRestore) -> str:
    return {
        "not_empty": _("数据库里已经有数据（表 %(table)s）。整条街道只能放进空的：换个 DATA_DIR，或者加 --community。"),
        "files_there": _("文件夹 %(folder)s 里已经有文件，整条街道只能放进空的文件夹。"),
        "revision": _("备份的数据库版本是 %(archive)s，这里是 %(here)s，不一样。请用当时那一版程序来恢复。"),
        "newer": _("备份的数据库版本 %(archive)s 这一版程序不认识，请用更新的程序来恢复。"),
        "other_tables": _("备份里的表 %(table)s 跟这里的不一样，什么也没动。"),
        "no_hall": _("这份备份里没有叫「%(slug)s」的社区。"),
        "only_hall": _("这份备份只有一个社区，请加 --community %(slug)s。"),
        "other_hall": _("这份备份是「%(slug)s」的，不是这个社区的。"),
        "slug_taken": _("「%(slug)s」现在是另一个社区的网址，什么也没动。"),
        "street_changed": _("备份里有的数据指着街道后来删掉的东西（%(rule)s），放不回去，什么也没动。"),
        "differs": _("表 %(table)s 写进去以后和备份对不上，全部退回了，什么也没动。"),
        "keys": _("这里的钥匙 %(names)s 不是备份时的那一把，放进去电话和查询码也读不出来。"
                  "请先把当时的钥匙放进 %(folder)s；真的没有了，再加 --other-keys。"),
    }[error.kind] % error.values  # fmt: skip
