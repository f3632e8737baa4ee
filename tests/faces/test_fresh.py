"""A public page that a browser has already is answered 304; a page of one person's own is never kept."""

from __future__ import annotations

from tests import cast


def test_a_page_everybody_sees_alike_is_fetched_once(app, browse):
    reader = browse(cast.HOME)
    for url in ("/", "/matters", "/results", "/calls"):
        first = reader.get(url)
        tag = first.headers.get("ETag", "")
        assert tag.startswith('W/"'), f"{url}: {first.status_code} {dict(first.headers)}"
        again = reader.get(url, headers={"If-None-Match": tag})
        assert (again.status_code, again.get_data()) == (304, b""), url
        assert again.headers["ETag"] == tag
        # A fresh nonce beside the kept page would shut the page's own styles out.
        assert "Content-Security-Policy" not in again.headers
        assert "Content-Security-Policy" in first.headers
    other = browse(cast.NEXT).get("/", headers={"If-None-Match": reader.get("/").headers["ETag"]})
    assert other.status_code == 200


def test_what_is_ones_own_or_holds_a_form_is_not_kept(app, browse):
    clerk = browse(cast.HOME, "zhao")
    for answer in (clerk.get("/"), clerk.get("/desk"), browse(cast.HOME).get("/sign-in")):
        assert "ETag" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"


def test_files_with_their_fingerprint_stay_a_year(app, browse):
    page = browse(cast.HOME).get("/").get_data(as_text=True)
    address = next(part.split('"')[0] for part in page.split('href="')[1:] if "hall.css?v=" in part)
    kept = browse(cast.HOME).get(address, headers={"Accept-Encoding": "br, gzip"})
    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert kept.headers["Content-Encoding"] in ("br", "gzip")
