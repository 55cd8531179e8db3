"""In tests every answer is checked against what its view promises in `@gives`: the OpenAPI document stays true."""

import gzip

from flask import Flask, Response, current_app, request
from pydantic import ValidationError

from web.bodies import JSON, Gives


def set_up_promises(app: Flask) -> None:
    """Check while `app.testing`; costs nothing else."""
    app.after_request(_check)


def _check(response: Response) -> Response:
    if not current_app.testing or request.endpoint is None or response.status_code >= 400:
        return response
    gives: tuple[Gives, ...] = current_app.view_functions[request.endpoint].__dict__.get("gives", ())
    if not gives or request.method in {"HEAD", "OPTIONS"} or response.status_code == 304:
        return response
    fitting = [given for given in gives if given.status == response.status_code]
    assert fitting, f"{request.path}: {response.status_code} is not among what the view says it gives"
    for given in fitting:
        if given.model is not None and given.media == response.mimetype == JSON:
            try:
                given.model.model_validate_json(_plain(response))
            except ValidationError as error:
                raise AssertionError(f"{request.path}: not what the view says it gives: {error}") from None
    return response


def _plain(response: Response) -> bytes:
    data = response.get_data()
    return gzip.decompress(data) if response.content_encoding == "gzip" else data
