"""Chinese names as far as courtesy needs them. Pure."""

from __future__ import annotations

#: Surnames of two characters; without them 欧阳 would be shown as 欧某.
_PAIRS = (
    "欧阳太史端木上官司马东方独孤南宫万俟闻人夏侯诸葛尉迟公羊赫连澹台皇甫宗政濮阳公冶太叔申屠公孙慕容仲孙钟离长孙宇文司徒鲜于司空闾丘子车亓官司寇巫马公西颛孙壤驷公良"
    "漆雕乐正宰父谷梁拓跋夹谷轩辕令狐段干百里呼延东郭南门羊舌微生公户公玉公仪梁丘公仲公上公门公山公坚左丘公伯西门第五"
)
DOUBLE_SURNAMES = frozenset(_PAIRS[at : at + 2] for at in range(0, len(_PAIRS), 2))


def surname_of(name: str) -> str:
    """The surname alone, one or two characters; empty for an empty name."""
    text = name.strip()
    return text[:2] if text[:2] in DOUBLE_SURNAMES else text[:1]
