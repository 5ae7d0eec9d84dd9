"""The API from Python, with nothing but the standard library: every request is made as openapi.json describes it.

    python3 client.py http://127.0.0.1:8080 [TOKEN]
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request


class Api:
    """Calls operations by method and path as the OpenAPI document names them; refuses what it does not name."""

    def __init__(self, url, token=None):
        self.url = url.rstrip("/")
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.paths = json.load(self._open("GET", "/openapi.json"))["paths"]

    def __call__(self, method, path, query=None, body=None, headers=None, **params):
        operation = self.paths[path][method.lower()]
        known = {p["name"]: p for p in operation.get("parameters", [])}
        for name in [*params, *(query or {}), *(headers or {})]:
            if name not in known:
                raise TypeError(f"{method} {path} takes no {name}: {', '.join(known)}")
        missing = [n for n, p in known.items() if p.get("required") and n not in {*params, *(query or {})}]
        if missing:
            raise TypeError(f"{method} {path} needs {', '.join(missing)}")
        for name, value in params.items():
            path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
        if query:
            path += "?" + urllib.parse.urlencode(query, doseq=True)
        with self._open(method, path, body, headers) as answer:
            if answer.headers["content-type"].startswith("application/x-ndjson"):
                return [json.loads(line) for line in answer]
            return json.load(answer)

    def _open(self, method, path, body=None, headers=None):
        data, given = None, {**self.headers, **(headers or {})}
        if body is not None:
            data, given["content-type"] = json.dumps(body).encode(), "application/json"
        return urllib.request.urlopen(urllib.request.Request(self.url + path, data, given, method=method))


def main(url, token=None):
    api = Api(url, token)
    api("PUT", "/v1/items/{id}", id="snake/1", body={"title": "Snakes", "attributes": {"year": 2006}})
    item = api("GET", "/v1/items/{id}", id="snake/1")
    api("PATCH", "/v1/items/{id}", id="snake/1", body={"available": False})
    posted = {"interactions": [{"user": "python", "item": "d1", "type": "view", "at": 1}]}
    accepted = api("POST", "/v1/interactions", body=posted)
    walked, query = [], {"limit": 4}
    while True:
        page = api("GET", "/v1/users", query=query)
        walked += [user["id"] for user in page["users"]]
        if "next" not in page:
            break
        query["cursor"] = page["next"]
    best = api("GET", "/v1/users/{id}/recommendations", id="ann", query={"limit": 2, "filter": "genre:Drama"})
    lines = api("POST", "/v1/recommendations:batch", body={"users": ["ann", "cat"], "limit": 1})
    try:
        api("GET", "/v1/items/{id}", id="nothing")
    except urllib.error.HTTPError as error:
        problem = json.load(error)
    print(json.dumps({
        "item": item, "accepted": accepted, "users": walked, "best": best["items"], "lines": lines, "problem": problem,
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
