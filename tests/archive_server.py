"""A small HTTP server on localhost that can misbehave on request, for the download tests."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site:
    """What the server has, how it behaves, and what it was asked.

    Attributes
    ----------
    files : dict of str to bytes
        Path (with query) -> content.
    scripts : dict of str to list
        Path -> behaviours, one a request, then normal: an int is a status; ``("cut", n)``
        sends n bytes and closes; ``("stall", n)`` sends n bytes and then nothing;
        ``("redirect", url)``; ``("wait", status, seconds)`` has a Retry-After;
        ``("length", n)`` announces n bytes more than there are.
    ranges, tag : bool, str
        Whether a Range is honoured, and the ETag (None for none).
    asked : list of (str, str or None)
        Paths and Range headers.
    """

    def __init__(self):
        self.files, self.scripts, self.asked = {}, {}, []
        self.ranges, self.tag = True, '"v1"'
        self.url = ""
        self.stop = threading.Event()

    def count(self, path):
        return sum(p == path for p, _ in self.asked)


def _handler(site):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def _head(self, status, **headers):
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key.replace("_", "-"), str(value))
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True

        def do_GET(self):
            site.asked.append((self.path, self.headers.get("Range")))
            script = site.scripts.get(self.path)
            act = script.pop(0) if script else None
            if isinstance(act, int):
                return self._head(act, Content_Length=0)
            if act and act[0] == "redirect":
                return self._head(302, Location=act[1], Content_Length=0)
            if act and act[0] == "wait":
                return self._head(act[1], Retry_After=act[2], Content_Length=0)
            if self.path not in site.files:
                return self._head(404, Content_Length=0)
            body = site.files[self.path]
            start, status, more = 0, 200, {}
            asked = self.headers.get("Range")
            if asked and site.ranges and self.headers.get("If-Range") == site.tag:
                start = int(asked.removeprefix("bytes=").rstrip("-"))
                status = 206
                more["Content_Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            if site.tag:
                more["ETag"] = site.tag
            rest = body[start:]
            extra = act[1] if act and act[0] == "length" else 0
            self._head(status, Content_Length=len(rest) + extra, **more)
            if act and act[0] in ("cut", "stall"):
                self.wfile.write(rest[: act[1]])
                self.wfile.flush()
                if act[0] == "stall":
                    site.stop.wait(20)
                return None
            self.wfile.write(rest)
            return None

    return Handler


@contextmanager
def serving():
    """A `Site` that is served on localhost."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()
