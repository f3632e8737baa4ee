"""The demo street's histories (domain.md section 8), each a function that reads like its timeline."""

from app.faces.cli.demo.histories import (
    cuiping,
    dianye,
    fuyuan,
    heshunli,
    jiangong,
    jichuangchang,
    jinqiao,
    kangle,
    liangkujie,
    liuyin,
    nanyandao,
    open_matters,
    qinghewan,
    shiyuan,
    shuxiangyuan,
    xiangyang,
    xingfuli,
    xinjiyuan,
    yangguangxincheng,
    yuxin,
)
from app.faces.cli.demo.story import Story

#: Matters merged into one another stand in the order in which they were said.
STORIES: tuple[Story, ...] = (
    *nanyandao.STORIES,
    *yuxin.STORIES,
    *xingfuli.STORIES,
    *liuyin.STORIES,
    *jinqiao.STORIES,
    *shuxiangyuan.STORIES,
    *xiangyang.STORIES,
    *jiangong.STORIES,
    *jichuangchang.STORIES,
    *liangkujie.STORIES,
    *cuiping.STORIES,
    *dianye.STORIES,
    *fuyuan.STORIES,
    *qinghewan.STORIES,
    *xinjiyuan.STORIES,
    *heshunli.STORIES,
    *yangguangxincheng.STORIES,
    *kangle.STORIES,
    *shiyuan.STORIES,
    *open_matters.STORIES,
)
