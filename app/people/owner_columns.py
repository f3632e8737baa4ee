"""The columns of an owners' register as a table: by which names they are known, and how each cell is read."""

from __future__ import annotations

from app.people.import_cells import BadCell, Reader, day, one_of, words
from app.people.import_rules import Column
from app.people.owner_rules import (
    LABEL,
    MARK,
    NAME,
    area_in,
    good_area,
    unit_label,
)
from app.people.phones import phone_problem, tidy_phone
from app.words import N_

KIND_WORDS = {
    "个人": "person", "自然人": "person", "单位": "company", "企业": "company", "公司": "company",
    "建设单位": "developer", "开发商": "developer", "开发建设单位": "developer",
}  # fmt: skip
SOURCE_WORDS = {
    "产权登记": "register", "不动产登记": "register", "登记": "register", "房产证": "register", "实测": "survey",
    "测绘": "survey", "买卖合同": "contract", "合同": "contract", "预售合同": "contract",
}  # fmt: skip


def _area(text: str) -> int:
    verdict = good_area(text)
    if not verdict:
        raise BadCell(verdict.reason, **verdict.values)
    return area_in(text) or 0


def _phone(text: str) -> str:
    problem = phone_problem(text)
    if problem is not None:
        raise BadCell(problem.reason, **problem.values)
    return tidy_phone(text)


def _label(text: str) -> str:
    return unit_label(words(LABEL)(text))


def _name(limit: int) -> Reader:
    return lambda text: str(words(limit)(text))


COLUMNS: tuple[Column, ...] = (
    Column("estate", N_("小区"), words(40), True, ("小区名称", "小区或院", "院"), "曹家巷小区"),
    Column(
        "label", N_("房号"), _label, True, ("房屋", "专有部分", "房屋坐落", "室号", "单元房号"), "3 号楼 1 单元 301"
    ),
    Column("area", N_("建筑面积"), _area, True, ("面积", "专有面积", "产权面积", "面积（平方米）"), "88.50"),
    Column("source", N_("面积来源"), one_of(SOURCE_WORDS), also=("来源",), sample="产权登记"),
    Column("owner", N_("业主"), _name(NAME), True, ("业主姓名", "姓名", "产权人", "所有权人"), "王芳"),
    Column("mark", N_("区分"), _name(MARK), also=("怎么区分", "证件尾号", "尾号"), sample="尾号1234"),
    Column("kind", N_("性质"), one_of(KIND_WORDS), also=("业主性质", "类型"), sample="个人"),
    Column("phone", N_("电话"), _phone, also=("联系电话", "手机", "手机号"), sample="13800001234"),
    Column("since", N_("起始日"), day, also=("登记日", "登记日期", "取得日期", "过户日"), sample="2019-05-06"),
)
