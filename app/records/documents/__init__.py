"""Papers as .docx: pure builders from frozen dataclasses to bytes.

A paper is in Chinese whatever language its reader set on the site, because the paper is the record itself; so its
words stand here and not in the catalogues. The same input always gives the same bytes.
"""

from app.records.documents.filename import paper_filename
from app.records.documents.invitation import Invitation, invitation_docx
from app.records.documents.minutes import Attendee, Minutes, Option, Speech, Topic, minutes_docx
from app.records.documents.notice import Posting, posting_docx
from app.records.documents.parts import Area, Dissent, Tally, Task
from app.records.documents.resolution import Ratified, Resolution, resolution_docx
from app.records.documents.summary import Agreed, Summary, summary_docx

__all__ = [
    "Agreed",
    "Area",
    "Attendee",
    "Dissent",
    "Invitation",
    "Minutes",
    "Option",
    "Posting",
    "Ratified",
    "Resolution",
    "Speech",
    "Summary",
    "Tally",
    "Task",
    "Topic",
    "invitation_docx",
    "minutes_docx",
    "paper_filename",
    "posting_docx",
    "resolution_docx",
    "summary_docx",
]
