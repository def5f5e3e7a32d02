"""What a person does with Helm, by Helm's own SDK: argv is the step and its arguments, the result is a line of JSON."""

import json
import sys
from pathlib import Path

import helm_python
from helm_python import chart, registry


def credentials(user, password):
    return {"username": user or None, "password": password or None}


def package(folder, into):
    return {"path": chart.package(folder, destination=into)}


def index(url, user, password):
    return registry.repo_index(url, **credentials(user, password))


def pull(name, url, version, into, user, password):
    registry.pull(name, repo_url=url, version=version or None, destination=into, **credentials(user, password))
    return {"files": sorted(file.name for file in Path(into).iterdir())}


def show(name, url):
    return {"text": registry.show(name, repo_url=url, output_format="chart")}


def update(folder):
    registry.dependency_update(folder)
    return {"files": sorted(file.name for file in (Path(folder) / "charts").iterdir()), "lock": (Path(folder) / "Chart.lock").read_text()}


def build(folder):
    registry.dependency_build(folder)
    return {"files": sorted(file.name for file in (Path(folder) / "charts").iterdir())}


def verified_update(folder, keyring):
    registry.dependency_update(folder, keyring=keyring, verify=True)
    return {"files": sorted(file.name for file in (Path(folder) / "charts").iterdir())}


def sign(archive, key, keyring):
    return {"path": chart.sign(archive, key=key, keyring=keyring)}


def verify(archive, keyring):
    return chart.verify(archive, keyring)


def yaml(text):
    return chart.values_from_yaml(text)


step = {name.replace("_", "-"): function for name, function in globals().copy().items() if callable(function)}
try:
    print(json.dumps(step[sys.argv[1]](*sys.argv[2:])))
except helm_python.HelmError as error:
    print(json.dumps({"error": str(error)}))
    sys.exit(1)
