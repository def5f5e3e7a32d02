#!/usr/bin/env bash
# Pins a group of clients anew; tests/run.sh installs only what is pinned.
#   freeze.sh npm GROUP      writes package-lock.json from npm/GROUP/package.json
#   freeze.sh python GROUP   writes python/GROUP.txt from its own first line, "# wanted: NAME==VERSION …"
# A new group: write the package.json, or the first line, and run this; then give it lines in run.sh's table.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Locks an npm group without any address, with the builds for other platforms that this registry may lack.
freeze_npm() {
  cd "npm/$1"
  rm -f package-lock.json
  npm install --package-lock-only --omit-lockfile-registry-resolved=true --no-audit --no-fund
  node <<'END'
const fs = require('fs');
const lock = JSON.parse(fs.readFileSync('package-lock.json', 'utf8'));
const pick = (name, words) => words.filter((word) => name.split(/[^a-z0-9]/).includes(word));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  delete entry.deprecated;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    // `npm ci` refuses a lock that leaves out an optional package, be it for another platform.
    const os = pick(name, ['android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'win32']);
    const cpu = pick(name, ['arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']);
    const key = `node_modules/${name}`;
    if (lock.packages[key] || !os.length || !cpu.length) continue;
    const libc = os[0] === 'linux' ? { libc: [name.endsWith('musl') ? 'musl' : 'glibc'] } : {};
    lock.packages[key] = { version, cpu, ...libc, optional: true, os };
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
fs.writeFileSync('package-lock.json', JSON.stringify(lock, null, 2) + '\n');
END
}

# Freezes what pip puts into an empty environment for the wanted clients.
freeze_python() {
  local list=$PWD/python/$1.txt wanted environment
  wanted=$(sed -n '1s/^# wanted: //p' "$list")
  [ -n "$wanted" ] || { echo "$list does not begin with '# wanted: NAME==VERSION …'" >&2; exit 1; }
  environment=$(mktemp -d)
  python3 -m venv "$environment"
  # shellcheck disable=SC2086 # the wanted clients are words
  "$environment/bin/python" -m pip install --upgrade $wanted
  # pip and setuptools are pinned where they are clients themselves, and are the environment's own elsewhere.
  { echo "# wanted: $wanted"
    "$environment/bin/python" -m pip freeze --all |
      if [[ " $wanted" == *" pip=="* ]]; then cat; else grep -vE '^(pip|setuptools)=='; fi; } >"$list.new"
  mv "$list.new" "$list"
  rm -rf "$environment"
}

case ${1-}:${2-} in
  npm:?*) freeze_npm "$2" ;;
  python:?*) freeze_python "$2" ;;
  *) sed -n '2,5s/^# //p' "freeze.sh" >&2; exit 2 ;;
esac
