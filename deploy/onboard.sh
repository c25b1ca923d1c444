#!/usr/bin/env bash
# From a fresh clone to a checked work place: tools, packages, a short verification, next steps.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n== %s\n' "$*"; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

say 'tools'
for tool in git node npm; do
  command -v "$tool" >/dev/null || die "$tool is missing; install it first (Node comes with npm, https://nodejs.org)"
  printf '%-5s %s\n' "$tool" "$("$tool" --version 2>/dev/null | head -n 1)"
done

say 'packages'
npm ci --no-audit --no-fund

# npm puts the project's own Node first, where one is published for the system.
inner=$(npm exec --silent -- node --version)
[[ ${inner#v} =~ ^([0-9]+) && ${BASH_REMATCH[1]} -ge 24 ]] ||
  die "npm runs Node $inner and 24 is needed; install Node 24, or install again without --omit=optional"
printf 'npm runs Node %s\n' "$inner"

say 'short verification (types, lint, format, unit tests)'
npm run --silent typecheck
npm run --silent lint
npm run --silent format:check
npm run --silent test:unit

say 'ready'
cat <<'END'
npm start              a node on http://127.0.0.1:8080, its data in your home directory
npm run dev            the same with its data in .data/dev, restarted on every change
npm run demo           several nodes, one story
.ci/run                everything a change has to pass

Read docs/architecture.md first: it is one page. docs/SETUP.md has the configuration.
END
