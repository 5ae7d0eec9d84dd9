"""The API from Python, with nothing but the standard library: openapi.json names the operations, their parameters and their errors.

    python3 client.py http://127.0.0.1:8080 [TOKEN]
"""

import functools
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid


class Problem(Exception):
    """What the API said where it did not do what it was asked, as RFC 9457: `code` is stable, `retryable` says if it can help to ask again."""

    def __init__(self, status, problem, wait):
        super().__init__(f"{status} {problem.get('code')}: {problem.get('detail')} (request {problem.get('requestId')})")
        self.status, self.code, self.wait = status, problem.get("code"), wait
        self.retryable = problem.get("retryable", status >= 500)


class Api:
    """Operations by their names: api.listItems(limit=5), api.putItem(id="heat", if_match=etag, body={"title": "Heat"})."""

    def __init__(self, url, token=None, tries=4):
        self.url, self.tries = url.rstrip("/"), tries
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        document = self._send("GET", "/openapi.json")
        shared = document["components"]["parameters"]
        self.operations = {}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                named = [shared[p["$ref"].split("/")[-1]] if "$ref" in p else p for p in operation["parameters"]]
                known = {p["name"].lower().replace("-", "_"): p for p in named}
                self.operations[operation["operationId"]] = (method.upper(), path, known)

    def __getattr__(self, name):
        return functools.partial(self._call, name)

    def _call(self, operation, body=None, **given):
        method, path, known = self.operations[operation]
        if unknown := given.keys() - known.keys():
            raise TypeError(f"{operation} takes no {', '.join(unknown)}, but {', '.join(known)}")
        if missing := [name for name, p in known.items() if p.get("required") and name not in given]:
            raise TypeError(f"{operation} needs {', '.join(missing)}")
        if "idempotency_key" in known:  # One key for all tries: a write whose answer was lost is not done again.
            given.setdefault("idempotency_key", str(uuid.uuid4()))
        parts = {"path": {}, "query": {}, "header": {}}
        for name, value in given.items():
            parts[known[name]["in"]][known[name]["name"]] = value
        for name, value in parts["path"].items():
            path = path.replace("{" + name + "}", urllib.parse.quote(value, safe=""))
        if parts["query"]:
            path += "?" + urllib.parse.urlencode(parts["query"], doseq=True)
        for tried in range(1, self.tries + 1):
            try:
                return self._send(method, path, body, parts["header"])
            except Problem as problem:
                if not problem.retryable or tried == self.tries:
                    raise
                time.sleep(problem.wait)

    def _send(self, method, path, body=None, headers=()):
        data, given = None, {**self.headers, **dict(headers)}
        if body is not None:
            data, given["content-type"] = json.dumps(body).encode(), "application/json"
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data, given, method=method)) as answer:
                if answer.headers.get_content_type() == "application/x-ndjson":
                    return [json.loads(line) for line in answer]
                return json.load(answer)
        except urllib.error.HTTPError as error:
            is_problem = error.headers.get_content_type() == "application/problem+json"
            problem = json.load(error) if is_problem else {"detail": error.reason}
            raise Problem(error.code, problem, float(error.headers.get("retry-after", 1))) from None


def main(url, token=None):
    api = Api(url, token)
    api.putItem(id="snake/1", body={"title": "Snakes", "attributes": {"year": 2006}})
    item = api.getItem(id="snake/1")
    api.patchItem(id="snake/1", body={"available": False})
    # Without `at` each request would be an interaction of its own, were it not for the key.
    posted = {"interactions": [{"user": "python", "item": "d1", "type": "view"}]}
    accepted = [api.addInteractions(body=posted, idempotency_key="python-1") for _ in range(2)]
    users, query = [], {"limit": 4}
    while True:
        page = api.listUsers(**query)
        users += [user["id"] for user in page["users"]]
        if "next" not in page:
            break
        query["cursor"] = page["next"]
    seen = api.listInteractions(user="python")["interactions"]
    best = api.recommendForUser(id="ann", limit=2, filter="genre:Drama")["items"]
    lines = api.recommendForUsers(body={"users": ["ann", "cat"], "limit": 1})
    try:
        api.getItem(id="nothing")
    except Problem as problem:
        refused = {"status": problem.status, "code": problem.code, "retryable": problem.retryable}
    print(json.dumps({
        "item": item, "accepted": accepted, "seen": seen, "users": users, "best": best, "lines": lines, "refused": refused,
    }))


if __name__ == "__main__":
    main(*sys.argv[1:])
