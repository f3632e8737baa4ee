"""Brands: every pack can be read by everyone, and nothing a hall gives us can act on its own page."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.brand import (
    PATTERNS,
    BadColour,
    BadDrawing,
    Brand,
    Pattern,
    check,
    contrast,
    load_pack,
    packs,
    safe_scene,
    safe_svg,
    suggest,
    symbol,
    to_css,
)
from tenants.palette import judge

# domain.md §8, columns slug, hall, motto, theme.
HALLS = """
nanyandao 小板凳议事屋 一张板凳坐下来，家长里短议明白 #8a4a17
dianye 大树下议事 树荫底下话家常 #2c6a3e
yuxin 党员议事厅 党员带头议，难事不推诿 #a8201f
fuyuan 楼门议事厅 推开楼门是一家 #1f4f8f
xingfuli 小小议事亭 小小亭子，大大民心 #0e666a
jichuangchang 老车间议事厅 老厂人，商量着来 #455A64
mianfangdong 纺织姐妹议事角 千丝万线拧成一股绳 #7B3F98
liuyin 柳荫茶话亭 一杯清茶，把话说透 #1F6F5C
heshunli 和顺议事堂 和气商量，顺心办事 #8C3B2A
shuxiangyuan 书架旁议事桌 有理翻书，有事摆桌 #2F4F8F
kangle 银龄议事会 听老人言，办暖心事 #00696B
jinqiao 商居议事厅 商户居民一条街，一条心 #6E5A00
zhanqian 站前流动议事站 问题在哪儿，会就开到哪儿 #1B5E8C
qinghewan 河湾议事廊 临河一条廊，家事敞开讲 #0B6480
xiangyang 向阳门洞议事 门洞里的事，门洞里商量 #A64500
yangguangxincheng 阳光议事客厅 把客厅搬到家门口 #6B4F00
shiyuan 圆桌会 不分主次席，人人能发言 #4B3F8F
jiangong 师傅议事站 老师傅，新主意 #5D4037
liangkujie 粮仓议事院 民生如粮，件件入仓 #6D4C00
cuiping 楼顶花园议事会 登高望远，议事为公 #33691E
xinjiyuan 云上议事厅 人在云上，事落地上 #3949AB
"""
TABLE = [line.split(" ") for line in HALLS.strip().splitlines()]
ALL = [row[0] for row in TABLE] + ["street"]
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{}</svg>'
SHAPE = '<path fill="currentColor" d="M4 4h40v40H4z"/>'


@pytest.fixture
def bench() -> Brand:
    return load_pack("nanyandao")


def test_the_packs_are_the_halls_of_the_street() -> None:
    assert packs() == sorted(ALL)


@pytest.mark.parametrize(("slug", "hall", "motto", "theme"), TABLE)
def test_pack_says_what_the_table_says(slug: str, hall: str, motto: str, theme: str) -> None:
    pack = load_pack(slug)
    assert (pack.hall, pack.motto, pack.brand) == (hall, motto, theme.lower())
    assert pack.lead
    assert pack.venue


@pytest.mark.parametrize("slug", [*ALL, "a-hall-without-a-pack"])
def test_pack_can_be_read_and_has_mark_dots_and_stool(slug: str) -> None:
    pack = load_pack(slug)
    assert [str(problem) for problem in check(pack)] == []
    mark = ElementTree.fromstring(pack.mark_svg)
    assert mark.get("viewBox") == "0 0 48 48"
    assert (pack.mark_svg.count("<circle"), pack.mark_svg.count("currentColor")) == (3, 1)
    assert "--mark-accent" in pack.mark_svg
    assert 'viewBox="0 0 640 300"' in pack.scene_svg
    assert re.search(r'<use href="#[a-z0-9-]+-stool"', pack.scene_svg)
    assert len(pack.scene_svg) < 12_000, "A scene is part of a first visit of at most 100 KB."


def test_marks_scenes_and_patterns_are_all_different_and_ids_unique() -> None:
    every = [load_pack(slug) for slug in ALL]
    for field in ("mark_svg", "scene_svg", "pattern"):
        assert len({getattr(pack, field) for pack in every}) == len(ALL), field
    ids = [i for pack in every for i in re.findall(r' id="([^"]+)"', pack.scene_svg)]
    assert len(ids) == len(set(ids))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == contrast("#ffffff", "#777777") == pytest.approx(4.48, abs=0.005)


PALE = [
    ({"brand": "#e08a3c"}, "brand", "主色太浅：白字在主色上的对比度是 2.66，要到 4.5"),
    ({"brand": "#767676"}, "brand", "主色太浅：盖上底纹以后，白字的对比度是 3.74，要到 4.5"),
    ({"paper": "#c0a080"}, "paper", "页面底色太深"),
    ({"soft": "#c0a080"}, "soft", "浅底色太深"),
    ({"ink": "#8a4a17"}, "ink", "深色不够深"),
    ({"accent": "#6a4a17"}, "accent", "点缀色太深"),
    ({"accent": "#a8651f"}, "accent", "点缀色和主色太近"),
]


@pytest.mark.parametrize(("change", "field", "said"), PALE)
def test_a_palette_that_cannot_be_read_is_refused_with_the_reason(
    bench: Brand, change: dict[str, str], field: str, said: str
) -> None:
    problems = check(replace(bench, **change))  # type: ignore[arg-type]
    assert any(p.field == field and str(p).startswith(said) for p in problems), [str(p) for p in problems]


@given(st.integers(0, 0xFFFFFF))
def test_a_palette_made_from_any_colour_passes(number: int) -> None:
    theme = f"#{number:06x}"
    made = suggest(theme)
    assert judge(made) == []
    if contrast(theme, "#ffffff") >= 6.5:
        assert made.brand == theme, "A theme dark enough is kept."


@pytest.mark.parametrize("theme", ["", "red", "#fff", "#12345g", "#123456;}", "rgb(1,2,3)", "#１２３４５６"])
def test_what_is_no_colour_makes_no_palette(theme: str) -> None:
    with pytest.raises(BadColour):
        suggest(theme)


def test_the_record_of_a_community_gives_the_same_brand_back(bench: Brand) -> None:
    own = replace(bench, pattern=Pattern(40, 40, "M0 20h40", stroke=2))
    for brand in (bench, own):
        assert Brand.from_dict(json.loads(json.dumps(brand.as_dict()))) == brand


def test_a_record_with_a_part_missing_is_refused(bench: Brand) -> None:
    record = bench.as_dict()
    del record["ink"]
    with pytest.raises(ValueError, match="ink"):
        Brand.from_dict(record)


def test_css_prints_the_six_values(bench: Brand) -> None:
    css = to_css(bench, '[data-brand="nanyandao"]')
    assert css.startswith('[data-brand="nanyandao"] { --brand: #8a4a17; --brand-ink: #4a2508; ')
    assert (css.count("--brand"), css.count("{"), css.count("}"), css.count("<")) == (6, 1, 1, 0)
    assert '--brand-pattern: url("data:image/svg+xml,%3Csvg' in css


@pytest.mark.parametrize("value", ["red;}", "#fff", "url(x)", "#8a4a17}</style>"])
def test_no_value_can_leave_the_stylesheet(bench: Brand, value: str) -> None:
    with pytest.raises(BadColour):
        replace(bench, ink=value)
    with pytest.raises(ValueError, match="selector"):
        to_css(bench, value)


def test_patterns_are_named_or_drawn_with_numbers_only(bench: Brand) -> None:
    assert len(PATTERNS) >= 22
    with pytest.raises(BadDrawing, match="底纹"):
        replace(bench, pattern="no-such-pattern")
    for path in ("M0 0'/><script>", 'M0 0")}', "M0 0%22", ""):
        with pytest.raises(BadDrawing):
            Pattern(40, 40, path)
    with pytest.raises(BadDrawing):
        Pattern(40, 40, "M0 0h9", opacity=0.4)


BAD = [
    ("<script>alert(1)</script>", "script"),
    ('<path d="M0 0h9" onload="alert(1)"/>', "onload"),
    ('<g onclick="x()"/>', "onclick"),
    ('<a href="https://example.org"><path d="M0 0h9"/></a>', "「a」"),
    ('<use href="https://example.org/x.svg#a"/>', "use"),
    ('<path href="#a" d="M0 0h9"/>', "href"),
    ('<g xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"/>', "href"),
    ("<foreignObject><p>x</p></foreignObject>", "foreignObject"),
    ('<path style="fill:red" d="M0 0h9"/>', "style"),
    ("<style>*{fill:red}</style>", "style"),
    ('<image href="x.png"/>', "image"),
    ('<animate attributeName="d"/>', "animate"),
    ('<path fill="url(https://example.org/a)" d="M0 0h9"/>', "fill"),
    ('<path d="M0 0h9&quot; onload=x"/>', "「d」"),
    ('<p xmlns="http://www.w3.org/1999/xhtml">x</p>', "图里不能有"),
]


@pytest.mark.parametrize(("inner", "named"), BAD)
def test_an_uploaded_mark_holds_shapes_only(inner: str, named: str) -> None:
    with pytest.raises(BadDrawing, match="不能") as caught:
        safe_svg(SVG.format(inner))
    assert named in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a drawing",
        "<html/>",
        "<svg></svg>",
        SVG.format("<path"),
        '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("<title>&a;</title>"),
        "<?xml-stylesheet href='x'?>" + SVG.format(SHAPE),
        SVG.format(SHAPE * 600),
        SVG.format("<g>" * 40 + "</g>" * 40),
        SVG.format("<g/>" * 301),
        SVG.format("<title>" + "长" * 11_000 + "</title>"),
        '<svg xmlns="http://www.w3.org/2000/svg">' + SHAPE + "</svg>",
        "\ud800",
    ],
)
def test_what_is_no_small_whole_drawing_is_refused(text: str) -> None:
    with pytest.raises(BadDrawing):
        safe_svg(text)


def test_a_good_mark_is_written_anew_and_stays_the_same() -> None:
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- from a drawing program -->\n' + SVG.format(
        "<title>议 &lt;script&gt; &amp; 事</title>" + SHAPE
    )
    once = safe_svg(text)
    assert "<!--" not in once
    assert "<script" not in once
    assert "&lt;script&gt;" in once
    assert safe_svg(once) == once


def test_a_scene_reuses_only_its_own_parts() -> None:
    stool = '<defs><symbol id="x-stool" viewBox="0 0 40 28"><path d="M0 0h9"/></symbol></defs>'
    assert "use" in safe_scene(SVG.format(stool + '<use href="#x-stool"/>'))
    for wrong in ('<use href="#y"/>', stool.replace("</symbol>", '<use href="#x-stool"/></symbol>')):
        with pytest.raises(BadDrawing):
            safe_scene(SVG.format(wrong))


def test_mark_as_a_file_brings_its_own_colours(bench: Brand) -> None:
    assert 'color="#8a4a17"' in bench.mark_file
    assert bench.accent in bench.mark_file
    assert "var(" not in bench.mark_file
    ElementTree.fromstring(bench.mark_file)


def test_symbol_stands_in_a_sprite_of_the_page(bench: Brand) -> None:
    assert symbol(bench.mark_svg, "mark").startswith('<symbol id="mark" viewBox="0 0 48 48"><path')
    with pytest.raises(ValueError, match="id"):
        symbol(bench.mark_svg, 'x" onload="y')
