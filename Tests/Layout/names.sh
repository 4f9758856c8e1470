#!/usr/bin/env bash
# docs/architecture.md speaks of the tree as it is: every file named there exists, and every name is declared, in the files
# that its line (with the lines that continue it) names if it names any.
#
#     `Sources/Host/Unit.swift`     a file
#     `Unit.takeInput`, `Host`      declared in Swift or C, a member in a file that declares or extends its type;
#                                   or a target
#     `nightjar.state`, `conn:send`, `conn.data`, `M.migrate`      Lua: known to the annotations, or to docs/writing-packages.md
#     `make lint`, `nightjar reload`      a target of the Makefile, a command
set -euo pipefail
cd "$(dirname "$0")/../.."
doc=${1:-docs/architecture.md}
bad=0
complain() { echo "$doc:$1: $2"; bad=1; }

# Line, item and text of everything between backticks outside of drawings.
spans() {
  awk '
    /^    / && !inItem { next }                # a drawing
    /^$/ || /^#/ { inItem = 0 }
    /^[^ ]/ && NF { if (/^([0-9]+\.|\*|\|) / || !inItem) item++; inItem = 1 }
    {
      text = $0
      while (match(text, /`[^`]+`/)) {
        print FNR "\t" item "\t" substr(text, RSTART + 1, RLENGTH - 2)
        text = substr(text, RSTART + RLENGTH)
      }
    }' "$doc"
}

# Where a name is declared: files of the list, or of all sources.
declared() { # name, files…
  local name=$1; shift
  [ $# -gt 0 ] || [ ! -d "Sources/$name" ] || return 0  # a target
  local word="(^|[^A-Za-z0-9_])$name([^A-Za-z0-9_]|$)"
  local files=("$@")
  [ ${#files[@]} -gt 0 ] || mapfile -t files < <(find Sources -name '*.swift' -o -name '*.c')
  grep -hE "$word" "${files[@]}" \
    | grep -E "((class|struct|enum|protocol|actor|typealias|func|var|let)[[:space:]]+|case .*|^[a-z].*[ *])$name([^A-Za-z0-9_]|$)" > /dev/null  # not -q: who stops reading early fails the pipe
}

checkName() { # line, span, files…
  local line=$1 span=$2; shift 2
  local name=${span%%(*}
  local last=${name##*.}
  local where=${*:+ in $*}
  if [ "$last" != "$name" ]; then
    # A member: in a file that declares or extends its type.
    local type=${name%.*}
    declared "$type" || { complain "$line" "there is no $type"; return; }
    [ $# -gt 0 ] || set -- Sources
    mapfile -t homes < <(grep -rlE "(class|struct|enum|protocol|actor|extension) $type([^A-Za-z0-9_]|$)" "$@")
    [ ${#homes[@]} -gt 0 ] || { complain "$line" "$type is not declared$where"; return; }
    set -- "${homes[@]}"
  fi
  declared "$last" "$@" || complain "$line" "$name is not declared$where"
}

declare -A files
while IFS=$'\t' read -r line item span; do
  case $span in
    Sources/*|Tests/*|Scripts/*|docs/*)
      if [ -f "$span" ]; then files[$item]+="$span "; else complain "$line" "there is no file $span"; fi ;;
  esac
done < <(spans)

count=0
while IFS=$'\t' read -r line item span; do
  count=$((count + 1))
  case $span in
    Sources/*|Tests/*|Scripts/*|docs/*) ;;
    'make '*) grep -q "^${span#make }:" Makefile || complain "$line" "the Makefile has no ${span#make }" ;;
    'nightjar '*) grep -rq "commandName: \"${span#nightjar }\"" Sources/Nightjar || complain "$line" "there is no command $span" ;;
    nightjar.*|conn[.:]*|M.*)
      grep -rqwF -- "$span" Scripts/meta docs/writing-packages.md || complain "$line" "scripts know no $span" ;;
    *[!A-Za-z0-9_.\(\):]*) complain "$line" "what is \`$span\`? A file, a name or a command" ;;
    *) # shellcheck disable=SC2086 # file names have no spaces
      swift=$(printf '%s\n' ${files[$item]:-} | grep -E '\.(swift|c)$' || true)
      checkName "$line" "$span" $swift ;;
  esac
done < <(spans)
[ "$count" -gt 0 ] || complain 1 "names nothing at all"
exit $bad
