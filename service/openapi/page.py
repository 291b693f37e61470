"""``/docs``: the document as a page, by the Swagger UI that BentoML brings along. Nothing is fetched from elsewhere."""

from __future__ import annotations

ASSETS = "static_content"
"""Where BentoML serves Swagger UI's files; relative, as every address here, so that a proxy may add a prefix."""

OWN_CONTENT_ONLY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
"""What a browser may load and run: files of this service; Swagger UI sets styles of its own."""

PAGE = f"""\
<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="{OWN_CONTENT_ONLY}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>keras-serve</title>
    <link rel="stylesheet" href="{ASSETS}/swagger-ui.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <noscript>The document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
    <script src="{ASSETS}/swagger-ui-bundle.js"></script>
    <script src="docs/init.js"></script>
  </body>
</html>
"""

START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    const lines = /ndjson/.test(request.headers["Content-Type"] || "");
    if (lines && typeof request.body === "string" && request.body.startsWith('"')) {
      request.body = JSON.parse(request.body);
    }
    return request;
  },
});
"""
"""A validator would be a service elsewhere; without one, none is asked. Swagger UI takes JSON lines for JSON and writes
their text as one JSON string, which is undone before it is sent.
"""


def html() -> bytes:
    """The page; its only scripts are files of the service, so that a browser can be told to run no others."""
    return PAGE.encode()


def script() -> bytes:
    """``/docs/init.js``: starts Swagger UI on the document."""
    return START.encode()
