"""Words that mean the same in schools, as they come with the product; each group adds its own."""

from typing import Final

from sqlalchemy import select

from foundation.database import db
from schools.access import Standing
from search.analysis import fold
from search.asking import Same, Synonyms
from search.models import Synonym

SEED: Final = (
    ("教案", "教学设计", "备课"),
    ("课件", "幻灯片", "演示文稿", "ppt"),
    ("学案", "导学案", "学习单"),
    ("习题", "练习题", "练习"),
    ("试卷", "考卷", "测试卷", "检测题"),
    ("微课", "微视频"),
    ("课堂实录", "教学实录", "录像课"),
    ("板书", "板书设计"),
    ("作业", "作业设计"),
    ("反思", "教学反思", "课后反思"),
    ("单元整体教学", "大单元教学", "大单元"),
    ("核心素养", "学科素养"),
    ("课标", "课程标准"),
    ("整本书阅读", "名著导读"),
    ("看图写话", "写话"),
    ("信息科技", "信息技术"),
    ("道德与法治", "道法", "思想品德"),
    ("公开课", "展示课", "观摩课"),
    ("赛课", "优质课", "评优课"),
    ("听课", "观课"),
    ("评课", "议课"),
    ("期中", "期中考试"),
    ("期末", "期末考试"),
)
"""Groups of words; each stands for the others."""

_SEED: Final[Synonyms] = tuple(Same(frozenset(fold(word) for word in words)) for words in SEED)


def synonyms_of(standing: Standing) -> Synonyms:
    """The words that mean the same to somebody: those of their groups, each for its subject or for all, and those of everybody."""
    if not standing.group_ids:
        return _SEED
    own = select(Synonym.words, Synonym.subject_id).where(Synonym.group_id.in_(standing.group_ids))
    found = db.session.execute(own).tuples()
    return (*_SEED, *(Same(frozenset(fold(word) for word in words), subject_id) for words, subject_id in found))
