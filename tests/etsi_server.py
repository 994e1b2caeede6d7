"""etsi_server.py CERT KEY CA READY: a key management entity for the tests, which speaks the two methods of ETSI GS
QKD 014 that hand out keys. It writes its port to READY. A key goes out once by enc_keys and once by dec_keys. The
application's name "broken" gets answers that no client should take."""
import base64
import json
import os
import ssl
import sys
import uuid
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

keys = {}


def entry(key_id, key):
    return {"key_ID": key_id, "key": base64.b64encode(key).decode()}


class Entity(BaseHTTPRequestHandler):
    def answer(self, code, body):
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def parts(self):
        path = urlparse(self.path).path.split("/")
        return (path[4], path[5]) if path[1:4] == ["api", "v1", "keys"] and len(path) == 6 else (None, None)

    def do_GET(self):
        sae, method = self.parts()
        query = parse_qs(urlparse(self.path).query)
        if sae == "broken":
            return self.answer(200, self.broken(query.get("number", ["1"])[0]))
        if sae == "forbidden":
            return self.answer(401, {"message": "no"})
        if method != "enc_keys" or query.get("size") != ["256"]:
            return self.answer(400, {"message": "bad request"})
        made = [(str(uuid.uuid4()), os.urandom(32)) for _ in range(int(query["number"][0]))]
        keys.update(made)
        self.answer(200, {"keys": [entry(*m) for m in made]})

    @staticmethod
    def broken(number):
        one = str(uuid.uuid4())
        return {"1": b"<html>", "2": {"keys": []}, "3": b"x" * 400000,
                "4": {"keys": [entry(one, os.urandom(16))] * 4},
                "5": {"keys": [entry("a b", os.urandom(32))] * 5},
                "6": {"keys": [entry(one, os.urandom(32))] * 6}}[number]

    def do_POST(self):
        _, method = self.parts()
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        ids = [k["key_ID"] for k in asked["key_IDs"]]
        if method != "dec_keys" or any(i not in keys for i in ids):
            return self.answer(400, {"message": "no such key"})
        self.answer(200, {"keys": [entry(i, keys.pop(i)) for i in ids]})

    def log_message(self, *_):
        pass


certificate, key, authority, ready = sys.argv[1:]
server = HTTPServer(("127.0.0.1", 0), Entity)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
context.load_verify_locations(authority)
context.verify_mode = ssl.CERT_REQUIRED
server.socket = context.wrap_socket(server.socket, server_side=True)
with open(ready + ".tmp", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(ready + ".tmp", ready)
server.serve_forever()
