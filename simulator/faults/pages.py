"""Answers that don't come from the game's server but from what stands in front of it."""

from __future__ import annotations

from http import HTTPStatus

from fleet.protocol.transport import HttpResponse

PAGE = "<!doctype html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>\n"
HTML = {"content-type": "text/html; charset=UTF-8"}


def front_page(status: int) -> HttpResponse:
    """Make a bare HTML answer: no JSON, no rate limit headers, no date of the game."""
    title = f"{status} {HTTPStatus(status).phrase}"
    return HttpResponse(status=status, headers=dict(HTML), body=PAGE.format(title).encode())


def no_json(answer: HttpResponse) -> HttpResponse:
    """Spoil an answer's body, and nothing else."""
    return HttpResponse(
        status=200 if answer.status == 204 else answer.status,
        headers=answer.headers,
        body=PAGE.format("Just a moment").encode(),
    )


def other_type(answer: HttpResponse, kind: str) -> HttpResponse:
    """Put an answer under another content type."""
    headers = {**answer.headers, "content-type": kind}
    return HttpResponse(status=answer.status, headers=headers, body=answer.body)
