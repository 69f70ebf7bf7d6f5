# Short words for asking the services, for bash in the project's folder: . docs/ask.sh

address() {
  python3 -c 'import json, os, sys
folder = os.environ.get("DESKSTREAM_FOLDER", ".deskstream")
print(json.load(open(f"{folder}/platform.json"))["services"][sys.argv[1]]["url"])' "$1"
}
catalog=$(address catalog) incident=$(address incident) monitor=$(address sla-monitor)

# token --as NAME --role ROLE …
token() { .venv/bin/deskstream token "$@"; }

# get TOKEN URL [OPTIONS OF CURL]
get() { curl -sS --fail-with-body -H "Authorization: Bearer $1" "${@:2}" | pretty; }

# post TOKEN URL [BODY]
post() {
  curl -sS --fail-with-body -H "Authorization: Bearer $1" -H "Content-Type: application/json" \
    --data-binary "${3:-{\}}" "$2" | pretty
}

# … | field NAME prints one member of an answer.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

pretty() { python3 -m json.tool --no-ensure-ascii; }

# … | first id prints one member of the first item of a list.
first() { python3 -c 'import json, sys; print(json.load(sys.stdin)["items"][0][sys.argv[1]])' "$1"; }
